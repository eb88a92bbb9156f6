/**
 * Topics as a tree: levels, sums, what is open, what a filter lets through. Pure.
 * Below: protocol's types. Above: topicsTab.ts draws the rows in sight.
 */
import type { TopicRow } from '../../src/conversation/protocol';

export class Node {
  readonly children = new Map<string, Node>();
  /** What is said on this very topic; a level may be one, or only lead to some. */
  row: TopicRow | undefined;
  /** Of this level and all below. */
  count = 0;
  topics = 0;
  open = false;
  private sorted: readonly Node[] | undefined;

  constructor(
    readonly name: string,
    readonly path: string,
    readonly depth: number,
    readonly parent: Node | undefined,
  ) {}

  child(name: string): Node {
    let child = this.children.get(name);
    if (!child) {
      const path = this.depth < 0 ? name : `${this.path}/${name}`;
      child = new Node(name, path, this.depth + 1, this);
      this.children.set(name, child);
      this.sorted = undefined;
    }
    return child;
  }

  get inOrder(): readonly Node[] {
    this.sorted ??= [...this.children.values()].sort((a, b) => order.compare(a.name, b.name));
    return this.sorted;
  }
}

const order = new Intl.Collator('en', { numeric: true });
/** A tree of no more topics than this begins open. */
const BEGINS_OPEN = 40;

export class TopicTree {
  root = new Node('', '', -1, undefined);
  private readonly nodes = new Map<string, Node>();
  private filter = '';
  private flat: readonly Node[] | undefined;

  get size(): number {
    return this.nodes.size;
  }

  /** @param all these are all there are: what is not among them goes, what was open stays so */
  take(rows: readonly TopicRow[], all: boolean): void {
    const wasOpen = new Set<string>();
    const first = this.nodes.size === 0;
    if (all) {
      each(this.root, (node) => node.open && wasOpen.add(node.path));
      this.root = new Node('', '', -1, undefined);
      this.nodes.clear();
      this.flat = undefined;
    }
    for (const row of rows) this.set(row);
    if (all && first && this.nodes.size <= BEGINS_OPEN) {
      each(this.root, (node) => (node.open = node.children.size > 0));
    } else if (all) each(this.root, (node) => (node.open = wasOpen.has(node.path)));
  }

  private set(row: TopicRow): void {
    let node = this.nodes.get(row.topic);
    if (!node) {
      node = this.root;
      for (const level of row.name.split('/')) node = node.child(level);
      this.nodes.set(row.topic, node);
      this.flat = undefined;
    }
    const more = row.count - (node.row?.count ?? 0);
    const topic = node.row ? 0 : 1;
    node.row = row;
    for (let one: Node | undefined = node; one; one = one.parent) {
      one.count += more;
      one.topics += topic;
    }
  }

  setFilter(filter: string): void {
    this.filter = filter.toLowerCase();
    this.flat = undefined;
  }

  toggle(node: Node, open = !node.open): void {
    node.open = open && node.children.size > 0;
    this.flat = undefined;
  }

  /** The rows to be seen, from top to bottom. With a filter: each topic that has it, in full. */
  get rows(): readonly Node[] {
    if (this.flat) return this.flat;
    const flat: Node[] = [];
    if (this.filter !== '') {
      each(this.root, (node) => {
        const text = `${node.row?.name ?? ''}\n${node.row?.text ?? ''}`.toLowerCase();
        if (node.row && text.includes(this.filter)) flat.push(node);
      });
    } else {
      const walk = (node: Node): void => {
        for (const child of node.inOrder) {
          flat.push(child);
          if (child.open) walk(child);
        }
      };
      walk(this.root);
    }
    this.flat = flat;
    return flat;
  }

  get filtered(): boolean {
    return this.filter !== '';
  }

  /** All rows there are, in no order. */
  *all(): Generator<TopicRow> {
    for (const node of this.nodes.values()) if (node.row) yield node.row;
  }
}

function each(node: Node, action: (node: Node) => void): void {
  for (const child of node.inOrder) {
    action(child);
    each(child, action);
  }
}

/**
 * Joins what the broker hears to who the boards are: the conversation's lines, and its counts.
 * Below: brokerControl, registry, conversation/model. Above: the Conversation view, status bar,
 * Start the Conversation. Only here do broker and conversation meet.
 */
import * as path from 'node:path';
import type { BoardRegistry } from '../board/registry';
import { createCoincidences } from '../conversation/coincidence';
import { createConversation, type Via } from '../conversation/model';
import type { BrokerView } from '../conversation/protocol';
import { createSpeakers } from '../conversation/speakers';
import { systemClock } from '../core/clock';
import { DisposableStore, Emitter, type Disposable } from '../core/event';
import type { BrokerControl } from './brokerControl';
import type { Settings } from './settings';
import { t } from '../core/words';

/**
 * What firmware/machine1 and machine2 speak on: only asked where the broker names nobody, and the
 * workspace has no `parley.conversation.topicRoles` for the board.
 */
const roleTopics: Readonly<Record<string, readonly string[]>> = {
  machine1: ['hello'],
  machine2: ['notification'],
};

export class ConversationFeed implements Disposable {
  private readonly disposables = new DisposableStore();
  private readonly heard = this.disposables.add(
    new Emitter<{ topic: string; clientId?: string }>(),
  );
  private readonly brokerChanged = this.disposables.add(new Emitter<BrokerView>());
  readonly speakers = createSpeakers();
  readonly model = this.disposables.add(
    createConversation({
      speakers: this.speakers,
      clock: systemClock,
      senderProperty: () => this.settings.senderProperty,
    }),
  );
  private readonly coincidences = createCoincidences();
  private readonly consoles = new Map<string, Disposable>();
  /** Every message with the id of the client that said it, where that is known or can be told. */
  readonly onMessage = this.heard.event;
  readonly onBroker = this.brokerChanged.event;
  private known = new Set<string>();
  /** What is heard while the lines of earlier windows are read; undefined once they are there. */
  private early: (() => void)[] | undefined = [];
  private wasRunning = false;
  private wasAt = '';

  constructor(
    private readonly control: BrokerControl,
    private readonly registry: BoardRegistry,
    private readonly settings: Settings,
  ) {
    this.disposables.add(registry.onDidChange(() => this.learn()));
    this.disposables.add(
      control.onClient((event) =>
        this.then(() => {
          this.model.client(event, this.via);
          if (event.what === 'connected') this.learnAddress(event.clientId, event.remoteAddress);
        }),
      ),
    );
    this.disposables.add(control.onDelivery((one) => this.then(() => this.model.delivered(one))));
    this.disposables.add(control.onFolded((count) => this.then(() => this.model.folded(count))));
    this.disposables.add(control.onDidChange(() => this.brokerMoved()));
    this.disposables.add(
      control.onMessage((message) => {
        this.then(() => this.model.heard(message, this.via));
        const { topic } = message;
        if (message.clientId === undefined && !message.retain) {
          this.coincidences.heard(topic, message.payload, systemClock.now());
        }
        const clientId = message.clientId ?? this.guess(topic);
        this.heard.fire(clientId === undefined ? { topic } : { topic, clientId });
      }),
    );
    this.disposables.add(
      this.coincidences.onLearned(({ topic, boardId }) => this.speakers.coincide(topic, boardId)),
    );
    this.learn();
    this.limit();
    this.disposables.add(settings.onDidChange('parley.conversation', () => this.learn()));
    this.disposables.add(settings.onDidChange('parley.conversation', () => this.limit()));
  }

  get total(): number {
    return this.model.counters.total;
  }

  /** Over the last few seconds. */
  get messagesPerSecond(): number {
    return this.model.counters.perSecond;
  }

  /** "host:port" of the broker, '' while it is off. */
  get address(): string {
    return this.control.address;
  }

  get replies(): Readonly<Record<string, string>> {
    return this.settings.replies;
  }

  get subscriptions(): ReadonlyMap<string, readonly string[]> | undefined {
    const { broker } = this.control;
    return broker?.knowsClients ? broker.subscriptions : undefined;
  }

  /** What each connected board listens to, by the board's id; undefined where the broker does not tell. */
  get listening(): ReadonlyMap<string, readonly string[]> | undefined {
    const { subscriptions } = this;
    if (!subscriptions) return undefined;
    const found = new Map<string, readonly string[]>();
    for (const [clientId, filters] of subscriptions) {
      const { boardId } = this.speakers.speakerOf(clientId);
      if (boardId !== undefined) found.set(boardId, [...(found.get(boardId) ?? []), ...filters]);
    }
    return found;
  }

  /** The broker's state in the view's words. */
  get broker(): BrokerView {
    const { state, kind, address, lost } = this.control;
    if (state === 'off') return { state: 'off', text: t('Broker off') };
    if (state === 'starting') {
      const connecting = kind === 'existing';
      return connecting
        ? { state: 'connecting', text: t('Connecting to the broker') }
        : { state: 'starting', text: t('Broker starting') };
    }
    if (kind !== 'existing') {
      const name = kind === 'mosquitto' ? 'Mosquitto' : t('Broker');
      return { state: 'running', text: t('{name} on {address}', { name, address }) };
    }
    return lost
      ? { state: 'lost', text: t('Lost {address}', { address }) }
      : {
          state: 'connected',
          text: t('Broker at {address}', { address }),
          five: this.control.five,
        };
  }

  /** Lines of earlier windows come first: what is heard meanwhile waits for `read`. */
  async begin(read: Promise<unknown>): Promise<void> {
    await read.catch(() => undefined);
    const early = this.early ?? [];
    this.early = undefined;
    for (const happening of early) happening();
  }

  dispose(): void {
    for (const listening of this.consoles.values()) listening.dispose();
    this.disposables.dispose();
  }

  private then(happening: () => void): void {
    if (this.early) this.early.push(happening);
    else happening();
  }

  private limit(): void {
    const { conversationMessages: lines, conversationMegabytes } = this.settings;
    this.model.limit({ lines, bytes: conversationMegabytes * 1024 * 1024 });
  }

  private learn(): void {
    const boards = this.registry.boards;
    for (const { id, name, facts, colour } of boards) {
      if (!facts.mac) continue;
      const role = path.basename(this.settings.folders[name] ?? name);
      const topics = this.settings.topicRoles[name] ?? roleTopics[role] ?? [];
      const uniqueIdHex = facts.mac.replace(/:/g, '');
      this.speakers.learn({ boardId: id, name, uniqueIdHex, topics, colour });
    }
    const ids = new Set(boards.map((board) => board.id));
    for (const id of this.known) if (!ids.has(id)) this.speakers.forget(id);
    this.known = ids;
    this.listen();
  }

  /** What each board prints. */
  private listen(): void {
    for (const [id, listening] of this.consoles) {
      if (this.known.has(id)) continue;
      listening.dispose();
      this.consoles.delete(id);
    }
    for (const board of this.registry.boards) {
      if (this.consoles.has(board.id)) continue;
      const listening = board.onConsole((bytes) =>
        this.coincidences.printed(board.id, bytes, systemClock.now()),
      );
      this.consoles.set(board.id, listening);
    }
  }

  /** How this kind of broker tells who said something. */
  private get via(): Via {
    return this.control.kind === 'mosquitto' ? 'log' : 'broker';
  }

  /** A broker knows from where a client came. */
  private learnAddress(clientId: string, address: string | undefined): void {
    const { boardId } = this.speakers.speakerOf(clientId);
    if (boardId !== undefined && address) this.registry.find(boardId)?.learnAddress(address);
  }

  /** The unique id of the board that alone speaks on `topic`. */
  private guess(topic: string): string | undefined {
    const { boardId } = this.speakers.speakerOf(undefined, { topic });
    const board = boardId === undefined ? undefined : this.registry.find(boardId);
    return board?.facts.mac?.replace(/:/g, '');
  }

  private brokerMoved(): void {
    const { running, address } = this.control;
    if (running !== this.wasRunning) {
      const text = running
        ? t('The broker is up at {address}', { address })
        : t('The broker is stopped; the boards keep running and look for it');
      const at = Date.now();
      this.then(() => this.model.note(text, at, { reset: true }));
      this.wasRunning = running;
    } else if (running && address !== this.wasAt) {
      const text = t('The conversation goes on at {address}', { address });
      const at = Date.now();
      this.then(() => this.model.note(text, at));
    }
    this.wasAt = address;
    this.brokerChanged.fire(this.broker);
  }
}

/**
 * What Mosquitto's log tells: who came and went, who listens where, who said what, who acknowledged.
 * Lines in, facts out; written for `log_type all` of versions 1.6 to 2.1 without time stamps.
 * Below: roster.ts. Above: mosquitto.ts joins the facts with the payloads, which no log holds.
 */
import type { BrokerClientEvent, BrokerRefusal } from './broker';
import { Roster } from './roster';

/** A message on its way through Mosquitto, as the log shows it. */
export interface LoggedMessage {
  readonly seq: number;
  readonly topic: string;
  readonly bytes: number;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** Undefined where the log does not show it, or could be read in two ways. */
  readonly clientId: string | undefined;
  readonly will: boolean;
  readonly to: readonly string[];
}

export interface LogFacts {
  client(event: Omit<BrokerClientEvent, 'at'>): void;
  /** The observer is sent this message: its payload comes there. */
  message(message: LoggedMessage): void;
  delivery(seq: number, clientId: string): void;
  /** Its id is in no line of the log. */
  refused(refusal: BrokerRefusal): void;
}

interface Known {
  remoteAddress: string;
  clean: boolean;
  will?: { topic: string; bytes: number; qos: 0 | 1 | 2; retain: boolean };
}

type Packet = Pick<LoggedMessage, 'topic' | 'bytes' | 'qos' | 'retain'> & { readonly mid: string };

const CONNECTED = /^New client connected from (\S+) as (.*) \(p\d+, c(\d), k\d+(?:, u'.*')?\)\.?$/;
const GONE =
  /^Client (.*?)(?: \[[^\]]*:\d+\])? (?:disconnected|closed its connection|has exceeded timeout)/;
const LOST_SOCKET = /^Socket error on client (.*), disconnecting\.$/;
const TWIN = /^Client (.*?)(?: \[[^\]]*:\d+\])? already connected, closing old connection\.$/;
const WILL = /^Will message specified \((\d+) bytes\) \(r(\d), q(\d)\)\.$/;
const PUBLISH = / \(d\d, q(\d), r(\d), m(\d+), '(.*)', \.\.\. \((\d+) bytes\)\)$/;
const ACK = /^Received (?:PUBACK|PUBCOMP) from (.*) \(Mid: (\d+)(?:, RC:\d+)?\)$/;
const PUBREL = /^Received PUBREL from (.*) \(Mid: (\d+)\)$/;
/** 4 and 5 of MQTT 3.1.1 (table 3.1), 134 and 135 of MQTT 5 (section 3.2.2.2). */
const KEPT_OUT = /^Sending CONNACK to (\S+) \(0, (?:4|5|134|135)\)$/;
const REFUSED = /^(.*) 128 (.*)$/;

export class MosquittoLog {
  private readonly roster = new Roster<string>();
  private readonly known = new Map<string, Known>();
  /** Filters of clients that are gone and asked for their session to be kept. */
  private readonly kept = new Map<string, ReadonlyMap<string, 0 | 1 | 2>>();
  private readonly saidDisconnect = new Set<string>();
  /** QoS 2 messages are passed on when they are released (MQTT 3.1.1 section 4.3.3). */
  private readonly unreleased = new Map<string, Packet>();
  private readonly unacknowledged = new Map<string, number>();
  private current: (Omit<LoggedMessage, 'to'> & { told: boolean }) | undefined;
  private lastConnected = '';
  /** Whose lines with a tab come next, and what they are. */
  private listing: { id: string; what: 'subscribe' | 'unsubscribe' | 'will' } | undefined;
  private seq = 0;

  /** @param observer client id of Parley's own listening connection */
  constructor(
    private readonly observer: string,
    private readonly facts: LogFacts,
  ) {}

  get clients(): readonly string[] {
    return this.roster.ids;
  }

  get subscriptions(): ReadonlyMap<string, readonly string[]> {
    return this.roster.subscriptions();
  }

  listenersOf(topic: string): readonly string[] {
    return this.roster.listenersOf(topic);
  }

  /** One line, without its line end. */
  feed(line: string): void {
    if (line.startsWith('\t')) return this.listed(line.slice(1));
    if (line.startsWith('Sending PUBLISH to ')) return this.sending(line);
    const kept = KEPT_OUT.exec(line)?.[1];
    if (kept !== undefined) return this.facts.refused({ remoteAddress: kept });
    if (!line.startsWith('Sending ')) this.current = undefined;
    if (line.startsWith('Received ')) return this.received(line);
    if (line.startsWith('New client connected')) return this.connected(line);
    this.other(line);
  }

  private connected(line: string): void {
    const [, address, id, clean] = CONNECTED.exec(line) ?? [];
    if (address === undefined || id === undefined) return;
    // The line that tells of a twin comes before; the old connection is gone with it.
    const remoteAddress = address.replace(/:\d+$/, '');
    this.known.set(id, { remoteAddress, clean: clean === '1' });
    this.lastConnected = id;
    this.saidDisconnect.delete(id);
    this.roster.connect(id, id, clean === '1' ? undefined : this.kept.get(id));
    this.kept.delete(id);
    this.facts.client({ clientId: id, what: 'connected', remoteAddress });
  }

  private received(line: string): void {
    const [kind, , ...rest] = line.slice('Received '.length).split(' ');
    const id = rest.join(' ');
    switch (kind) {
      case 'SUBSCRIBE':
        this.listing = { id, what: 'subscribe' };
        return;
      case 'UNSUBSCRIBE':
        this.listing = { id, what: 'unsubscribe' };
        return;
      case 'DISCONNECT':
        this.saidDisconnect.add(id);
        return;
      case 'PUBLISH':
        return this.publish(line);
      case 'PUBREL': {
        const [, from = '', mid = ''] = PUBREL.exec(line) ?? [];
        const packet = this.unreleased.get(`${mid} ${from}`);
        this.unreleased.delete(`${mid} ${from}`);
        if (packet) this.begin(from, packet);
        return;
      }
      case 'PUBACK':
      case 'PUBCOMP': {
        const [, from = '', mid = ''] = ACK.exec(line) ?? [];
        const seq = this.unacknowledged.get(`${mid} ${from}`);
        if (seq === undefined) return;
        this.unacknowledged.delete(`${mid} ${from}`);
        this.facts.delivery(seq, from);
      }
    }
  }

  private publish(line: string): void {
    const from = this.nameIn(line, 'Received PUBLISH from ');
    const packet = from && packetIn(line, `Received PUBLISH from ${from}`);
    if (!from || !packet) return;
    if (packet.qos === 2) this.unreleased.set(`${packet.mid} ${from}`, packet);
    else this.begin(from, packet);
  }

  private begin(clientId: string | undefined, packet: Omit<Packet, 'mid'>, will = false): void {
    const { topic, bytes, qos, retain } = packet;
    this.current = { seq: ++this.seq, topic, bytes, qos, retain, clientId, will, told: false };
  }

  private sending(line: string): void {
    const to = this.nameIn(line, 'Sending PUBLISH to ');
    const packet = to && packetIn(line, `Sending PUBLISH to ${to}`);
    if (!to || !packet) return;
    if (to === this.observer) {
      // Retained ones are sent to it when it comes: they were said before.
      if (packet.retain) return;
      if (this.current?.topic !== packet.topic || this.current.told) this.begin(undefined, packet);
      const { told, ...message } = this.current!;
      if (told) return;
      this.current!.told = true;
      this.facts.message({ ...message, to: this.roster.listenersOf(packet.topic) });
      return;
    }
    if (packet.qos > 0 && this.current?.topic === packet.topic) {
      this.unacknowledged.set(`${packet.mid} ${to}`, this.current.seq);
    }
  }

  private listed(text: string): void {
    const { id = '', what } = this.listing ?? {};
    if (what === 'will') {
      const known = this.known.get(id);
      if (known?.will) known.will.topic = text;
    } else if (what === 'subscribe') {
      const [, filter, qos] = /^(.*) \(QoS (\d)\)$/.exec(text) ?? [];
      if (filter) this.roster.subscribe(id, filter, Number(qos) as 0 | 1 | 2);
    } else if (what === 'unsubscribe') {
      this.roster.unsubscribe(id, text);
    }
  }

  private other(line: string): void {
    const [, twin] = TWIN.exec(line) ?? [];
    if (twin !== undefined) return this.gone(twin, true);
    const id = GONE.exec(line)?.[1] ?? LOST_SOCKET.exec(line)?.[1];
    if (id !== undefined) return this.gone(id, false);
    const [, bytes, retain, qos] = WILL.exec(line) ?? [];
    if (bytes !== undefined) {
      const known = this.known.get(this.lastConnected);
      const will = {
        topic: '',
        bytes: Number(bytes),
        qos: Number(qos) as 0,
        retain: retain === '1',
      };
      if (known) known.will = will;
      this.listing = { id: this.lastConnected, what: 'will' };
      return;
    }
    const [, refused, filter] = REFUSED.exec(line) ?? [];
    if (refused !== undefined && filter !== undefined && this.roster.has(refused)) {
      this.roster.unsubscribe(refused, filter);
    }
  }

  private gone(id: string, replaced: boolean): void {
    const known = this.known.get(id);
    if (!known || !this.roster.has(id)) return;
    const filters = this.roster.drop(id);
    if (!known.clean) this.kept.set(id, filters);
    const left = this.saidDisconnect.delete(id) && !replaced;
    const { remoteAddress, will } = known;
    this.facts.client({
      clientId: id,
      what: left ? 'left' : 'lost',
      remoteAddress,
      ...(replaced ? { replaced } : {}),
    });
    this.known.delete(id);
    if (will && !left) this.begin(id, will, true);
  }

  /**
   * The client id after `words`. An id may hold anything, even what looks like the rest of such a
   * line: only an id that is connected counts, and only if no other fits as well.
   */
  private nameIn(line: string, words: string): string | undefined {
    const rest = line.slice(words.length);
    const fits: string[] = [];
    for (let at = rest.indexOf(' (d'); at >= 0; at = rest.indexOf(' (d', at + 1)) {
      const id = rest.slice(0, at);
      if (this.roster.has(id) && packetIn(line, words + id)) fits.push(id);
    }
    return fits.length === 1 ? fits[0] : undefined;
  }
}

/** What stands in the brackets right after `before`. */
function packetIn(line: string, before: string): Packet | undefined {
  const match = PUBLISH.exec(line.slice(before.length));
  if (match?.index !== 0) return undefined;
  const [, qos, retain, mid = '', topic = '', bytes] = match;
  return {
    topic,
    bytes: Number(bytes),
    qos: Number(qos) as 0 | 1 | 2,
    retain: retain === '1',
    mid,
  };
}

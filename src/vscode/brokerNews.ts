/**
 * What a person learns of the broker without asking: that it ended by itself, that it still runs
 * with the settings from before, and, on request, every line of Mosquitto's log.
 * Below: brokerControl.ts. Above: services.ts makes it.
 */
import * as vscode from 'vscode';
import { systemClock, type Clock } from '../core/clock';
import { DisposableStore, type Disposable } from '../core/event';
import type { BrokerControl } from './brokerControl';
import { t } from '../core/words';

/** More lines than this a second are counted: an output channel is no place for a flood. */
const LINES_A_SECOND = 200;

export class BrokerNews implements Disposable {
  private readonly disposables = new DisposableStore();
  private channel: vscode.OutputChannel | undefined;
  private second = 0;
  private lines = 0;
  private changing = 0;

  constructor(
    private readonly broker: BrokerControl,
    private readonly log: vscode.LogOutputChannel,
    private readonly clock: Clock = systemClock,
  ) {
    this.disposables.add(broker.onLogLine((line) => this.line(line)));
    this.disposables.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration('parley.broker') || this.changing > 0) return;
        void broker.forgetPort();
        if (broker.running) this.offerRestart();
      }),
    );
  }

  /** Changes of the broker's settings that `work` makes are not asked about. */
  async whileChanging<T>(work: () => Promise<T>): Promise<T> {
    this.changing++;
    try {
      return await work();
    } finally {
      this.changing--;
    }
  }

  showLog(): void {
    if (this.channel && this.broker.kind === 'mosquitto') this.channel.show();
    else this.log.show();
  }

  dispose(): void {
    this.disposables.dispose();
    this.channel?.dispose();
  }

  private offerRestart(): void {
    const restart = t('Restart the Broker');
    void vscode.window
      .showInformationMessage(
        t('The broker at {address} still runs with the settings from before.', {
          address: this.broker.address,
        }),
        restart,
      )
      .then((label) => {
        if (label === restart) void vscode.commands.executeCommand('parley.restartBroker');
      });
  }

  private line(line: string): void {
    this.channel ??= vscode.window.createOutputChannel(t('Parley: Mosquitto'));
    const second = Math.floor(this.clock.now() / 1000);
    if (second !== this.second) {
      const more = this.lines - LINES_A_SECOND;
      if (more > 0)
        this.channel.appendLine(t('… {more} more lines', { more: more.toLocaleString('en') }));
      this.second = second;
      this.lines = 0;
    }
    this.lines++;
    if (this.lines > LINES_A_SECOND) return;
    this.channel.appendLine(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
  }
}

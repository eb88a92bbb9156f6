/**
 * Events and the things that end: the smallest pair every other folder stands on.
 * Below: nothing. Above: everything. The shapes fit `vscode.Event` and `vscode.Disposable`
 * with no cast, so that the domain needs no `vscode` import.
 */

/** Something that must be ended once. `dispose` may be called again and then does nothing. */
export interface Disposable {
  dispose(): void;
}

/** Subscribes `listener`; the returned value ends the subscription. */
export type Event<T> = (
  listener: (value: T) => unknown,
  thisArg?: unknown,
  disposables?: Disposable[],
) => Disposable;

/** The owner's side of an {@link Event}. */
export class Emitter<T> implements Disposable {
  private listeners = new Set<(value: T) => unknown>();

  /** Register a listener. Listeners run in the order they were added. */
  readonly event: Event<T> = (listener, thisArg, disposables) => {
    const bound = (value: T): unknown => listener.call(thisArg, value);
    this.listeners.add(bound);
    const subscription = { dispose: () => void this.listeners.delete(bound) };
    disposables?.push(subscription);
    return subscription;
  };

  /** Calls every listener; one that throws does not keep the others from being called. */
  fire(value: T): void {
    let failure: { error: unknown } | undefined;
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** Collects disposables and ends them all, last added first. */
export class DisposableStore implements Disposable {
  private items: Disposable[] = [];
  private disposed = false;

  /** Keeps `item` until this store is disposed; a store already disposed ends it at once. */
  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.push(item);
    return item;
  }

  dispose(): void {
    this.disposed = true;
    for (const item of this.items.splice(0).reverse()) item.dispose();
  }
}

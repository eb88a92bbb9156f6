/**
 * Why a broker cannot listen, as the law names it. Below: core, portOwner.ts. Above: embedded.ts,
 * mosquitto.ts.
 */
import { BoardError } from '../core/errors';
import { ownerOfPort, speaksMqtt } from './portOwner';

/**
 * What went wrong with listening, as the law names it.
 * @param tls it was the port for TLS, which is a setting of its own
 */
export async function listenError(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  tls = false,
): Promise<BoardError> {
  const door = tls ? { tls: 'yes' } : {};
  const reason = error.code ?? 'unknown';
  const said = `cannot listen on ${host}:${port}: ${error.message}`;
  if (reason === 'EADDRINUSE') {
    const [owner, mqtt] = await Promise.all([ownerOfPort(port), speaksMqtt(host, port)]);
    return new BoardError('broker-port-taken', said, {
      cause: error,
      details: {
        host,
        port,
        owner: owner?.name,
        ownerPid: owner?.pid,
        mqtt: mqtt ? 'yes' : 'no',
        reason,
        ...door,
      },
    });
  }
  // Below 1024 on Unix; on Windows also a range that Hyper-V has reserved. Another port helps.
  if (reason === 'EACCES') {
    const details = { host, port, mqtt: 'no', reason, ...door };
    return new BoardError('broker-port-taken', said, { cause: error, details });
  }
  return new BoardError('broker-address', said, { cause: error, details: { host, port, reason } });
}

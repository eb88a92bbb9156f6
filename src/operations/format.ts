/**
 * Format: a board's file system, new and empty.
 * Below: boardCode.ts. Above: the Format command.
 */
import type { Board } from '../board/board';
import type { Job } from '../core/job';
import { ask } from '../micropython/boardCode';

/** Making littlefs on 14 MB of flash erases a few blocks only; FAT is not made by us. */
const FORMAT_MS = 60_000;

/**
 * MicroPython's ESP32 port makes its file system so (ports/esp32/modules/inisetup.py): littlefs on
 * `flashbdev.bdev`, here without the boot.py it adds. A board that has no such device has every
 * file removed instead.
 */
const code = `
O=M('os')
try:
 import vfs as V
except ImportError:
 V=O
try:
 from flashbdev import bdev
except ImportError:
 bdev=None
if bdev and hasattr(V,'VfsLfs2'):
 V.umount('/')
 V.VfsLfs2.mkfs(bdev)
 V.mount(V.VfsLfs2(bdev),'/')
 say('made')
else:
 def rm(p):
  for e in list(O.ilistdir(p or '/')):
   q=p+'/'+e[0]
   if e[1]&0x4000:
    rm(q)
    try:
     O.rmdir(q)
    except OSError:
     pass
   else:
    O.remove(q)
 rm('')
 say('removed')
`;

/**
 * Stops a running program first.
 * @returns 'made' a new file system, or 'removed' every file where the board's kind is not known
 * @throws BoardError no-micropython, prompt-timeout, python-error
 */
export async function format(board: Board, job: Job): Promise<'made' | 'removed'> {
  return board.withRawRepl('Format', job, async (repl) => {
    const [how] = await ask(repl, code, job, { timeoutMs: FORMAT_MS });
    return how === 'made' ? 'made' : 'removed';
  });
}

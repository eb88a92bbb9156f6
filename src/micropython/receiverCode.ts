/**
 * The programs that run on a board while files are carried: MicroPython 1.13 and later, in pieces
 * that a heap of 8 KiB has room for. Below: filesystem.ts, stagedCode.ts (what `$` is). Above:
 * putSession.ts and getSession.ts speak with them; transfer.ts and tree.ts ask for hashes.
 */
import { GOOD_BYE, rateCode } from './fasterLine';
import { mkdirCode, renameCode } from './filesystem';
import type { StagedCode } from './stagedCode';

/** Added to a file's name while it is on its way. What a cut leaves is overwritten next time. */
export const PARTIAL_SUFFIX = '.parley';
/** Silence after which a program on the board gives up and leaves the prompt to whoever comes, in ms. */
export const BOARD_WAIT_MS = 5000;
/** Largest frame, in bytes: a block of the ESP32's flash. */
export const MOST_BYTES = 4096;
/** What an answer of these programs begins with, and what the raw prompt says when one has ended. */
export const MARK = 0x1e;
export const END_OF_OUTPUT = 0x04;

/**
 * Python lines, with `$` before each name: `h(path, b)` is [kind, value, length], or None where there is no such file. SHA-256
 * where the firmware has it, else CRC-32 (IEEE), else the length alone; `K` is which. `b` is a
 * memoryview to work in. They use `M` and `O`.
 */
export const stagedHash = `
try:
 $S=$M('hashlib').sha256
except Exception:
 $S=None
$X=$M('binascii').hexlify
$C=getattr($M('binascii'),'crc32',None)
$K='sha256' if $S else 'crc32' if $C else 'length'
def $h(p,b):
 try:
  if $O.stat(p)[0]&0x4000:
   return None
  f=open(p,'rb')
 except OSError:
  return None
 s=$S() if $S else None
 c=0
 n=0
 while 1:
  k=f.readinto(b)
  if not k:
   break
  n+=k
  if s:
   s.update(b[:k])
  elif $C:
   c=$C(b[:k],c)
 f.close()
 return [$K,$X(s.digest()).decode() if s else '%08x'%c if $C else '',n]
`;

/** The same for `quietly`, whose names are its own. */
export const hashCode = stagedHash.replaceAll('$', '');

/**
 * `$w()` waits for the host's next byte. An ipoll object and one loop: nothing is allocated, so no
 * garbage is collected while bytes come in (the ESP32's ring holds 260 of them).
 */
const wait = `
import sys as $sys,gc as $gc
$R=$sys.stdin.buffer.readinto
try:
 $p=$M('select').poll()
 $p.register($sys.stdin,1)
 $P=$p.ipoll
except Exception:
 $P=None
def $w():
 if $P:
  for _ in $P(${BOARD_WAIT_MS}):
   return
  raise OSError(110)
`;

/**
 * `$b` is the block, `$n` its length; `$g(k)` reads k bytes into it. A frame has a time in which it
 * must be there: a host that comes after one that died in the middle of a frame, and sends Ctrl-C,
 * must not fill it up for ever.
 * @param frameMs longest time for a frame on the line, in ms
 */
const block = (frameMs: number): string => `
$gc.collect()
$n=${MOST_BYTES}
while $n>64 and $n*10>$gc.mem_free():
 $n//=2
$b=bytearray($n)
$m=memoryview($b)
$v=[$m[i:i+32] for i in range(0,$n,32)]
$T=$M('time')
def $g(k,v=$v,R=$R,w=$w,t=$T.ticks_ms,d=$T.ticks_diff):
 j=0
 a=t()
 while k>0:
  w()
  if d(t(),a)>${frameMs}:
   raise OSError(110)
  R(v[j],k)
  k-=32
  j+=1
`;

/**
 * `$Z(bytes)` is a stream of what was deflated with a window of 2**`$z` bytes; 0: it cannot. Each takes
 * 1.3 KB in one piece beside its window (extmod/moddeflate.c, uzlib_uncomp_t), which a heap that is so
 * small that the block is, too, may not have.
 */
const inflate = `
$z=0
if $n>=1024:
 $z=len(bin($n))-3
 try:
  from io import BytesIO as $Y
 except ImportError:
  from uio import BytesIO as $Y
 try:
  import deflate as $D
  $D.DeflateIO
  def $Z(x):
   return $D.DeflateIO($Y(x),$D.RAW,$z)
 except Exception:
  try:
   $D=$M('zlib').DecompIO
   def $Z(x):
    return $D($Y(x),-$z)
  except Exception:
   $z=0
`;

/** `$B(k, a, t)`: begins the file whose path is $m[k:a], t bytes long; what there is to say, or 0. */
const begin = `
$f=$q=None
def $mk(t):
${indented(mkdirCode('t'))}
def $B(k,a,t):
 global $f,$q,$t
 p=str($m[k:a],'utf8')
 $t=t,$X($m[7:k]).decode(),p
 $q=p+'${PARTIAL_SUFFIX}'
 t=p[:p.rfind('/')]
 $mk(t)
 try:
  $O.remove($q)
 except OSError:
  pass
 try:
  s=$O.statvfs(t or '/')
  k=($t[0]+s[0]-1)//s[0]*s[0]
  if k>s[0]*s[3]:
   $q=None
   return [k,s[0]*s[3]]
 except OSError:
  pass
 $f=open($q,'wb')
`;

/** `$E()`: ends the file; true when it is there, whole and under its name. */
const end = `
def $rn(a,b):
${indented(renameCode('a', 'b'))}
def $E():
 global $f,$q
 $f.close()
 $f=None
 t,d,p=$t
 if $h($q,$m)[1:]!=[d,t]:
  return
 $rn($q,p)
 $q=None
 return 1
`;

/** `$F(c, l)`: does what a frame of kind c and length l says; the answer to it. */
const oneFrame = `
$ok=1
def $F(c,l):
 global $ok
 a=0
 if c&1:
  k=7+$b[4]
  a=k+($b[5]|$b[6]<<8)
  r=$B(k,a,int.from_bytes($m[:4],'little'))
  if r:
   $ok=0
   return r
 if c&2:
  s=$Z($m[a:l])
  while 1:
   k=s.readinto($m)
   if not k:
    break
   $f.write($m[:k])
 elif l>a:
  $f.write($m[a:l])
 if c&4:
  $ok=$E()
  return 2 if $ok else 0
 return 1
`;

/** What both programs do when they are told to end while the line is faster. */
const goodBye = (read: string, indent: string): string =>
  ['if $o:', ` $say(${GOOD_BYE})`, ' $down()', ' $w()', ` ${read}`]
    .map((line) => indent + line)
    .join('\n');

const rateFrames = `
  if c&16:
   $up(b)
   continue
  if c&32:
   $say($X($m[:l]).decode())
   continue
`;
const rateLetters = `
  if c==70:
   $w()
   $R($d,16)
   $up($d)
   continue
  if c==80:
   $w()
   $R($d,64)
   if sum($d[:63])&255!=$d[63]:
    raise OSError(71)
   $say($M('binascii').hexlify($d[:64]).decode())
   continue
`;

const receive = (fast: boolean): string => `
def $run():
 b=$b
 while 1:
  $g(4)
  c=b[0]
  l=b[1]|b[2]<<8
  if b[3]!=c^b[1]^b[2]^90 or l>$n:
   raise OSError(71)
  $g(l)
  if c&8:
${fast ? goodBye('$R(b,1)', '   ') : ''}
   return
${fast ? rateFrames : ''}
  try:
   r=$F(c,l) if $ok else [125,'']
  except Exception as e:
   globals()['$ok']=0
   r=[e.args[0] if isinstance(e,OSError) else -1,repr(e)]
  $say(r)
$I=__import__('micropython').kbd_intr
try:
 $I(-1)
 $say([$n,$z,$K])
 $run()
finally:
 try:
  if $f:
   $f.close()
  if $q:
   $O.remove($q)
 except OSError:
  pass
 ${fast ? '$down()' : ''}
 $I(3)
`;

/**
 * Receives files. Frames from the host: kind, length (u16, little endian), check byte, payload.
 * Kind is a sum: 1 begins a file (before the data: u32 size, u8 length of the hash, u16 length of the
 * path, both), 2 the data is raw deflate, 4 ends the file, 8 ends the program. Each is answered when it
 * is in the file: 1 go on, 2 the file is there and whole, 0 it is damaged, [needed, free] no room,
 * [errno, text] any other failure; after a failure nothing but the end is done. With `fast` also 16, the
 * rate now and the one wanted (for `$up`, which answers), and 32, bytes that come back in hex.
 * First it says [block, window bits or 0, kind of hash].
 * Ctrl-C is off meanwhile; in whatever way it ends, no partial file is left and it is on again, in
 * this order: the next host's Ctrl-C must not end the tidying up.
 */
export function putCode(frameMs: number, fast = false): StagedCode {
  const rate = fast ? [rateCode] : [];
  return [
    ...[stagedHash, wait, block(frameMs), ...rate, inflate, begin, end, oneFrame],
    receive(fast),
  ];
}

/** Python lines as the body of a function, with the names that programs in pieces have. */
export function indented(code: string): string {
  const lines = code.trim().split('\n');
  const body = lines.filter((line) => line !== "O=M('os')"); // the prelude has it
  return body.map((line) => ` ${line.replace(/\bO\b/g, '$O')}`).join('\n');
}

const answer = `
$C=getattr($M('binascii'),'crc32',None)
$gc.collect()
$n=2048
while $n>256 and $n*8>$gc.mem_free():
 $n//=2
$m=memoryview(bytearray($n+8))
$m[0]=30
$d=$m[8:]
$W=$sys.stdout.buffer.write
def $a(c,k):
 m=$m
 m[1]=c
 m[2]=k&255
 m[3]=k>>8
 m[4:8]=($C($d[:k]) if $C else 0).to_bytes(4,'little')
 $W(m[:8+k])
def $x(c,x):
 $d[:len(x)]=x
 $a(c,len(x))
`;

const open = `
try:
 $S=$M('hashlib').sha256
except Exception:
 $S=None
$f=None
def $B():
 global $f,$s
 $w()
 $R($d,2)
 k=$d[0]|$d[1]<<8
 $w()
 $R($d,k)
 if $f:
  return $a(119,0)
 x=$J.loads(bytes($d[:k]))
 k=$O.stat(x)
 if k[0]&0x4000:
  raise OSError(21)
 k=k[6]
 $f=open(x,'rb')
 if $C and k<=$n:
  k=$f.readinto($d)
  $f.close()
  $f=None
  return $a(102,k)
 $s=$S() if $S else None
 $x(115,str(k).encode())
def $N():
 global $f
 if not $f:
  return $x(101,b'0')
 k=$f.readinto($d)
 if k:
  if $s:
   $s.update($d[:k])
  return $a(100,k)
 $f.close()
 $f=None
 $x(104,$M('binascii').hexlify($s.digest()) if $s else b'')
`;

const send = (fast: boolean): string => `
def $run():
 global $f
 while 1:
  $w()
  $R($d,1)
  c=$d[0]
  if c==81:
${fast ? goodBye('$R($d,1)', '   ') : ''}
   return
${fast ? rateLetters : ''}
  try:
   $B() if c==79 else $N()
  except OSError as e:
   $f=None
   $x(101,str(e.args[0]).encode())
try:
 $run()
finally:
 if $f:
  $f.close()
 ${fast ? '$down()' : ''}
`;

/**
 * Sends files. From the host: 'O', u16 length, path as JSON: begin a file; 'N': its next frame; 'Q':
 * the end. Answers: 0x1E, kind, u16 length, CRC-32 of the payload (0 where there is none), payload.
 * Kinds: 'f' a whole file that fits into one frame; else 's' its size in decimal, then 'd' data, 'h' the
 * hash of all that was sent; 'w' another file is under way, ask again; 'e' errno.
 * With `fast` also 'F', the rate now and the one wanted, and 'P', 64 bytes that come back in hex where
 * the last is the sum of the others; both are answered by a JSON line, as in a put.
 * Ctrl-C stays on: nothing the host says has a 0x03 in it but a length, and no name is that short; the
 * rates and the bytes that prove them have none.
 */
export function getCode(fast = false): StagedCode {
  return [wait, answer, open, ...(fast ? [rateCode] : []), send(fast)];
}

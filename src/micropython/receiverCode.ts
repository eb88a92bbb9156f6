/**
 * The programs that run on a board while files are carried: MicroPython 1.13 and later, no more than
 * a small heap has room for. Below: boardCode.ts. Above: putSession.ts and getSession.ts speak with
 * them; transfer.ts asks for hashes.
 */
import { mkdirCode, renameCode } from './filesystem';

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
 * Python lines: `h(path, b)` is [kind, value, length], or None where there is no such file. SHA-256
 * where the firmware has it, else CRC-32 (IEEE), else the length alone. `b` is a memoryview to work in.
 */
export const hashCode = `
try:
 S=M('hashlib').sha256
except Exception:
 S=None
X=M('binascii').hexlify
C=getattr(M('binascii'),'crc32',None)
def h(p,b):
 try:
  if O.stat(p)[0]&0x4000:
   return None
  f=open(p,'rb')
 except OSError:
  return None
 s=S() if S else None
 c=0
 n=0
 while 1:
  k=f.readinto(b)
  if not k:
   break
  n+=k
  if s:
   s.update(b[:k])
  elif C:
   c=C(b[:k],c)
 f.close()
 if s:
  return ['sha256',X(s.digest()).decode(),n]
 return ['crc32','%08x'%c,n] if C else ['length','',n]
`;

/**
 * Python lines: `w()` waits for the host's next byte. An ipoll object and one loop: nothing is
 * allocated, so no garbage is collected while bytes come in (the ESP32's ring holds 260 of them).
 */
const waitCode = `
import sys,gc
O=M('os')
R=sys.stdin.buffer.readinto
try:
 P=M('select').poll()
 P.register(sys.stdin,1)
 P=P.ipoll
except Exception:
 P=None
def w():
 if P:
  for _ in P(${BOARD_WAIT_MS}):
   return
  raise OSError(110)
`;

/**
 * Receives files. Frames from the host: kind, length (u16, little endian), check byte, payload.
 * Kind is a sum: 1 begins a file (before the data: u32 size, u8 length of the hash, u16 length of the path, both),
 * 2 the data is raw deflate, 4 ends the file, 8 ends the program. Each is answered when it is in the
 * file: 1 go on, 2 the file is there and whole, 0 it is damaged, [needed, free] no room,
 * [errno, text] any other failure; after a failure nothing but the end is done.
 * First it says [block, window bits or 0, kind of hash].
 * Ctrl-C is off meanwhile; in whatever way it ends, it is on again and no partial file is left. A host
 * that comes after one that died in the middle of a frame finds the prompt: what it sends, Ctrl-C
 * above all, is a wrong frame, or comes after the time a frame may take.
 * @param frameMs longest time for a frame on the line, in ms
 */
export function putCode(frameMs: number): string {
  return `
${waitCode}
T=M('time')
A=T.ticks_ms

${hashCode}
n=${MOST_BYTES}
gc.collect()
while n>64 and n*8>gc.mem_free():
 n//=2
b=bytearray(n)
m=memoryview(b)
v=[m[i:i+32] for i in range(0,n,32)]
z=0
if n>=512:
 try:
  from io import BytesIO as Y
 except ImportError:
  from uio import BytesIO as Y
 z=n.bit_length()-1 if hasattr(n,'bit_length') else len(bin(n))-3
 try:
  import deflate as D
  Z=lambda x:D.DeflateIO(Y(x),D.RAW,z)
  D.DeflateIO
 except Exception:
  try:
   D=M('zlib').DecompIO
   Z=lambda x:D(Y(x),-z)
  except Exception:
   z=0
def g(k):
 j=0
 t=A()
 while k>0:
  w()
  if T.ticks_diff(A(),t)>${frameMs}:
   raise OSError(110)
  R(v[j],k)
  k-=32
  j+=1
K=__import__('micropython').kbd_intr
f=q=None
ok=1
try:
 K(-1)
 say([n,z,'sha256' if S else 'crc32' if C else 'length'])
 while 1:
  g(4)
  c=b[0]
  l=b[1]|b[2]<<8
  if b[3]!=c^b[1]^b[2]^90 or l>n:
   raise OSError(71)
  g(l)
  if c&8:
   break
  a=0
  r=1
  try:
   if not ok:
    raise OSError(125)
   if c&1:
    k=7+b[4]
    a=k+(b[5]|b[6]<<8)
    t=int.from_bytes(m[:4],'little')
    d=X(m[7:k]).decode()
    p=str(m[k:a],'utf8')
    q=p+'${PARTIAL_SUFFIX}'
    mk(p[:p.rfind('/')])
    try:
     O.remove(q)
    except OSError:
     pass
    try:
     s=O.statvfs(p[:p.rfind('/')] or '/')
    except Exception:
     s=[1,0,0,t]
    k=(t+s[0]-1)//s[0]*s[0]
    if k>s[0]*s[3]:
     q=None
     ok=0
     r=[k,s[0]*s[3]]
    else:
     f=open(q,'wb')
   if ok and c&2:
    s=Z(m[a:l])
    while 1:
     k=s.readinto(m)
     if not k:
      break
     f.write(m[:k])
    s=None
   elif ok and l>a:
    f.write(m[a:l])
   if ok and c&4:
    f.close()
    f=None
    if h(q,m)[1:]==[d,t]:
     rn(q,p)
     q=None
     r=2
    else:
     r=ok=0
  except Exception as e:
   ok=0
   r=[e.args[0] if isinstance(e,OSError) else -1,repr(e)]
  say(r)
finally:
 K(3)
 if f:
  f.close()
 if q:
  try:
   O.remove(q)
  except OSError:
   pass
`;
}

/** Functions that {@link putCode} calls: `mk(folder)`, `rn(from, to)`. */
export const putHelpers = `
def mk(t):
${indent(mkdirCode('t'))}
def rn(a,b):
${indent(renameCode('a', 'b'))}
`;

function indent(code: string): string {
  return code.trim().replace(/^/gm, ' ');
}

/**
 * Sends files. From the host: 'O', u16 length, path: begin a file; 'N': its next frame; 'Q': the end.
 * Answers: 0x1E, kind, u16 length, CRC-32 of the payload (0 where there is none), payload.
 * Kinds: 's' size in decimal, 'd' data, 'h' the hash of all that was sent, 'e' errno.
 * Ctrl-C stays on: nothing the host says has a 0x03 in it but a path, and that is JSON.
 */
export const getCode = `
${waitCode}
try:
 S=M('hashlib').sha256
except Exception:
 S=None
X=M('binascii').hexlify
C=getattr(M('binascii'),'crc32',None)
W=sys.stdout.buffer.write
gc.collect()
n=2048
while n>256 and n*8>gc.mem_free():
 n//=2
m=memoryview(bytearray(n+8))
m[0]=30
d=m[8:]
def p(c,k):
 m[1]=c
 m[2]=k&255
 m[3]=k>>8
 m[4:8]=(C(d[:k]) if C else 0).to_bytes(4,'little')
 W(m[:8+k])
def t(c,x):
 d[:len(x)]=x
 p(c,len(x))
f=None
while 1:
 w()
 R(d,1)
 c=d[0]
 if c==81:
  break
 try:
  if c==79:
   w()
   R(d,2)
   k=d[0]|d[1]<<8
   w()
   R(d,k)
   x=J.loads(bytes(d[:k]))
   k=O.stat(x)
   if k[0]&0x4000:
    raise OSError(21)
   f=open(x,'rb')
   s=S() if S else None
   t(115,str(k[6]).encode())
  elif f:
   k=f.readinto(d)
   if k:
    if s:
     s.update(d[:k])
    p(100,k)
   else:
    f.close()
    f=None
    t(104,X(s.digest()) if s else b'')
  else:
   t(101,b'0')
 except OSError as e:
  f=None
  t(101,str(e.args[0]).encode())
if f:
 f.close()
`;

# Every name that a module lists can be found by its letters.
bad = []
names = 0
for m in ('builtins','math','io','json','re','struct','time','random','collections','array','gc','micropython','uctypes','heapq','cmath','deflate','select','os','vfs','errno','sys','hashlib','binascii','machine','network','socket','esp32','asyncio','tls','ssl'):
    x = __import__(m)
    for n in dir(x) + dir(str) + dir(list) + dir(dict) + dir(int) + dir(bytes):
        names += 1
        made = ('_' + n)[1:]
        ok = any(hasattr(o, made) for o in (x, str, list, dict, int, bytes))
        if not ok: bad.append(m + '.' + n)
print(names > 1000, bad)

import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { test } from 'node:test'
import { type AddressGuard, guardedLookup, type Resolve } from '#platform/address-guard.ts'
import { openMailbox } from './attempt.ts'
import { outsideAddress } from './outside.ts'

const guard: AddressGuard = { allowed: new Set(), ownPorts: new Set(), outward: true }

/** First and last of each network that is nobody's business, and what stands between. */
const inward4 = [
  '0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.1.2.3 10.255.255.255',
  '100.64.0.0 100.64.0.1 100.100.100.200 100.127.255.255',
  '127.0.0.0 127.0.0.1 127.0.0.53 127.0.1.1 127.1.1.1 127.127.127.127 127.255.255.255',
  '168.63.129.16 169.254.0.0 169.254.0.1 169.254.169.253 169.254.169.254 169.254.170.2 169.254.255.255',
  '172.16.0.0 172.16.0.1 172.17.0.1 172.20.10.1 172.31.255.254 172.31.255.255',
  '192.0.0.0 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.171 192.0.0.192 192.0.0.255',
  '192.0.2.0 192.0.2.1 192.0.2.255 192.88.99.0 192.88.99.1 192.88.99.255',
  '192.168.0.0 192.168.0.1 192.168.1.1 192.168.100.1 192.168.255.255',
  '198.18.0.0 198.18.0.1 198.19.255.255 198.51.100.0 198.51.100.7 198.51.100.255',
  '203.0.113.0 203.0.113.1 203.0.113.255 224.0.0.0 224.0.0.1 224.0.0.251 239.255.255.250 239.255.255.255',
  '240.0.0.0 240.0.0.1 250.1.2.3 255.255.255.254 255.255.255.255',
].flatMap((line) => line.split(' '))
const inward6 = [
  ':: ::1 ::2 ::7f00:1 ::127.0.0.1 ::a00:1 ::ffff:0:0 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe ::ffff:169.254.169.254 ::ffff:192.168.0.1 ::ffff:c0a8:1 ::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::169.254.169.254 64:ff9b:1::1 64:ff9b:1:ffff::7f00:1',
  '100:: 100::1 100:0:0:1::1 1::1 200::1 400::1 800::1 1000::1 1fff::1',
  '2001:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:1::1 2001:2::1 2001:3::1 2001:10::1 2001:20::1',
  '2001:1ff:ffff::1 2001:db8:: 2001:db8::1 2001:db8:ffff::1 2002:: 2002:7f00:1:: 2002:a00:1:: 2002:c0a8:1::1',
  '2002:a9fe:a9fe:: 2002:ffff::1 3fff:: 3fff::1 3fff:fff:ffff::1',
  '4000::1 5f00::1 5f00:1::2 8000::1 a000::1 c000::1 e000::1 f000::1 f800::1',
  'fc00:: fc00::1 fcff::1 fd00::1 fd00:ec2::254 fd12:3456:789a::1 fdff:ffff::1',
  'fe00::1 fe7f::1 fe80:: fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 feff::1',
  'ff00:: ff01::1 ff02::1 ff02::2 ff02::fb ff05::1:3 ff0e::1 ffff::1',
].flatMap((line) => line.split(' '))
const outward = [
  '1.1.1.1 8.8.8.8 9.9.9.9 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1',
  '169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.255 192.167.255.255',
  '192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 223.255.255.255',
  '2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450:4001:801::200e 3ffe::1',
].flatMap((line) => line.split(' '))

const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address): LookupAddress => ({ address, family: isIP(address) })),
    )
const looksUp = (resolve: Resolve) =>
  new Promise<string[] | 'refused'>((settle) => {
    guardedLookup(guard, 443, resolve)('hooks.partner.example', { all: true }, (error, found) =>
      settle(
        error ? 'refused' : [found].flat().map((f) => (typeof f === 'string' ? f : f.address)),
      ),
    )
  })

/** An address in figures as the host of a URL: none is ever a name of a partner. */
const urlOf = (address: string) => `https://${isIP(address) === 6 ? `[${address}]` : address}/hooks`

test('no name that stands for an inner address is connected to, and no such address in figures', async () => {
  // Each inner address also as IPv6 writes it: mapped (RFC 4291 §2.5.5.2) and behind NAT64 (RFC 6052 §2.1).
  const wrapped = inward4.flatMap((address) => [`::ffff:${address}`, `64:ff9b::${address}`])
  const table = new Set([...inward4, ...inward6, ...wrapped])
  assert.ok(table.size >= 200, String(table.size))
  for (const address of table) {
    assert.notEqual(isIP(address), 0, address)
    assert.equal(await looksUp(resolvesTo(address)), 'refused', address)
    // One bad address among good ones is a name that turns.
    assert.equal(await looksUp(resolvesTo('93.184.216.34', address)), 'refused', address)
    assert.throws(
      () => outsideAddress(guard, urlOf(address)),
      { code: 'platform/address-refused' },
      address,
    )
  }
})

test('no spelling of an inner address is one of a partner, and no address in figures is', () => {
  const spelt = [
    ...outward.map(urlOf),
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.1/',
    'https://0/',
    'https://①②⑦.⓪.⓪.①/',
    'https://1６9.254.169.254/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:127.0.0.1]/',
    'https://[fe80::1%25eth0]/',
    'https://localhost/',
    'https://localhost./',
    'https://LOCALHOST/',
    'https://partner.localhost:80/',
    'https://metadata/',
    'https://intranet/',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'https://printer.local./',
    'https://user@partner.example/',
    'https://user:secret@partner.example/',
    'https://partner.example/#fragment',
    'https://partner.example:22/',
    'https://partner.example:80/',
    'https://partner.example:8080/',
    'https://partner.example:25/',
    'http://partner.example/',
    'ftp://partner.example/',
    'file:///etc/passwd',
    'gopher://partner.example/',
    'javascript:alert(1)',
    'data:text/plain,x',
    '//partner.example/',
    'partner.example',
    'https://',
    '',
  ]
  for (const url of spelt)
    assert.throws(() => outsideAddress(guard, url), { code: 'platform/address-refused' }, url)
  for (const url of ['https://hooks.partner.example/a?b=c', 'https://partner.uz:8443/'])
    assert.equal(outsideAddress(guard, url).href, url)
})

test('what is public is connected to, at the very address that was judged', async () => {
  for (const address of outward)
    assert.deepEqual(await looksUp(resolvesTo(address)), [address], address)
})

test('a name that turns inwards after it was taken is refused at the next attempt (DNS rebinding)', async () => {
  const asked: string[] = []
  const turned: Resolve = (name, _options, callback) => {
    asked.push(name)
    callback(null, [{ address: '127.0.0.1', family: 4 }])
  }
  const url = 'https://hooks.partner.example:8443/'
  assert.equal(outsideAddress(guard, url).hostname, 'hooks.partner.example')
  const mailbox = openMailbox({ guard, development: null, resolve: turned }, url, 1)
  for (const n of [1, 2]) {
    const said = await mailbox.post({ 'webhook-id': 'event_1' }, '{}')
    assert.deepEqual([said.status, said.failure, said.address], [null, 'address-refused', null])
    // Asked anew each time, and what was answered is what was judged: there is no second question.
    assert.equal(asked.length, n)
  }
  await mailbox.close()
})

/** What every key service must do, whatever stands behind it: the judge of an adapter. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { KeyService } from './key-service.ts'

const place = {
  table: 'vault.data_key',
  column: 'wrapped',
  purpose: 'card',
  bin: '999909',
  version: 1,
}

export const keyServiceContract = (what: string, open: () => Promise<KeyService>): void => {
  test(`${what}: what was wrapped opens in its place, and nowhere else`, async () => {
    const service = await open()
    const plain = randomBytes(32)
    const wrapped = await service.wrap(plain, place)
    assert.equal(wrapped.keyId, await service.current())
    assert.ok(!Buffer.from(wrapped.bytes).includes(plain))
    assert.deepEqual(await service.unwrap(wrapped, place), plain)
    await assert.rejects(service.unwrap(wrapped, { ...place, bin: '999908' }), {
      code: 'vault/seal-broken',
    })
  })

  test(`${what}: what is wrapped and altered in any part does not open`, async () => {
    const service = await open()
    const { keyId, bytes } = await service.wrap(randomBytes(32), place)
    for (const at of [bytes.length - 9, bytes.length - 30, 20]) {
      const altered = Buffer.from(bytes)
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at)
      await assert.rejects(service.unwrap({ keyId, bytes: altered }, place), {
        code: 'vault/seal-broken',
      })
    }
  })

  test(`${what}: an older key opens until it is retired, and the newest never goes`, async () => {
    const service = await open()
    const before = await service.current()
    const [plain, later] = [randomBytes(32), randomBytes(32)]
    const old = await service.wrap(plain, place)
    const newest = await service.renew()
    assert.notEqual(newest, before)
    assert.equal(await service.current(), newest)
    const fresh = await service.wrap(later, place)
    assert.equal(fresh.keyId, newest)

    assert.equal(await service.retire(new Set([before])), 0)
    assert.deepEqual(await service.unwrap(old, place), plain)
    assert.ok((await service.retire(new Set([newest]))) > 0)
    await assert.rejects(service.unwrap(old, place), { code: 'vault/seal-broken' })
    assert.equal(await service.retire(new Set()), 0)
    assert.deepEqual(await service.unwrap(fresh, place), later)
  })
}

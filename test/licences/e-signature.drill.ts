/** The long form of the bits that e-signature.test.ts turns: every one of a signature, with its certificates. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eSignaturesBy } from '#control/contracts/e-signature.ts'
import {
  director,
  issue,
  pkcs7,
  revocationList,
  revocationsFileOf,
  rootsFileOf,
} from '#test/state-authority.ts'
import { noon } from '#test/world.ts'
import { flipper } from './flipped-bits.ts'

test('no flipped bit of a signature is accepted as another signer’s: every one is turned', async () => {
  const root = await issue('CN=Root of the state', { ca: true })
  const centre = await issue('CN=Centre', { by: root, ca: true })
  const signer = await issue(director, { by: centre })
  const content = Buffer.from('a'.repeat(64), 'ascii')
  const lists = await Promise.all([revocationList(root), revocationList(centre)])
  const eSignatures = eSignaturesBy({
    roots: rootsFileOf(root),
    revocations: revocationsFileOf(...lists),
  })
  const made = await pkcs7(content, signer, { along: [centre] })

  const turned = flipper(made, (bent) => eSignatures.verify(bent, content, noon))
  for (let bit = 0; bit < made.length * 8; bit++) turned(bit)

  assert.ok(made.length > 1_000)
})

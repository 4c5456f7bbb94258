/** Bits of a signature that are turned: nobody else must have signed for it. */
import assert from 'node:assert/strict'

/** Turns a bit and reads: what is not signed, such as a second certificate, may change, but never who signed. */
export const flipper = (made: Buffer, read: (bent: Buffer) => unknown) => {
  const honest = read(made)
  return (bit: number): void => {
    const bent = Buffer.from(made)
    const at = bit >> 3
    bent.writeUInt8(bent.readUInt8(at) ^ (1 << (bit & 7)), at)
    try {
      assert.deepEqual(read(bent), honest)
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      assert.equal(Object(error).code, 'contracts/e-signature-refused', String(error))
    }
  }
}

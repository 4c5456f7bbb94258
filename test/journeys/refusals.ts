/** What ends every story: the wrong cell, a consent that ended, a licence that was suspended. */
import assert from 'node:assert/strict'
import { type Application, type Held } from './application.ts'
import { type Partner, staff } from './onboarding.ts'
import { type Answer, eventually, expectRefusal, expectStatus, type Walker } from './walker.ts'
import type { WellKnown } from './web.ts'

const SOON_MS = 60_000

/** A token of one cell is refused by the other, whatever it is asked for. */
export const refuseAcrossCells = async (
  walker: Walker,
  application: Application,
  held: Held,
  path: string,
): Promise<void> => {
  const other = application.cell === 'sandbox' ? 'production' : 'sandbox'
  await walker.step(`a ${application.cell} token is refused by ${other}`, async () => {
    const answer = await application
      .call(held, 'GET', path, { at: other })
      .catch((error: unknown) => {
        // The other cell does not even take the certificate: its authority is another one.
        assert.match(
          String((error as Error).cause ?? error),
          /certificate|ECONNRESET|alert|socket|closed/i,
        )
        return undefined
      })
    if (answer) assert.equal(answer.status, 401, JSON.stringify(answer.body))
  })
}

/** Asks until the refusal comes. How soon it comes is measured by `bench/revocation.ts`, on a machine that does nothing else. */
export const refusedSoon = async (
  act: () => Promise<unknown>,
  call: () => Promise<Answer>,
  status: number,
  code: string,
): Promise<void> => {
  await act()
  const answer = await eventually(SOON_MS, call, (a) => a.body['code'] === code)
  expectRefusal(answer, status, code)
}

/** One person of compliance stops a permission at once; the next call is refused. */
export const suspendLicence = async (
  walker: Walker,
  wellKnown: WellKnown,
  partner: Partner,
  permission: string,
  call: () => Promise<Answer>,
): Promise<void> => {
  await walker.step('a licence is suspended, and the next call is refused', async () => {
    const compliance = await staff(wellKnown, 'compliance')
    await refusedSoon(
      async () =>
        expectStatus(
          await compliance('POST', `/licences/${partner.id}/suspension`, {
            permission,
            reason: 'journey',
          }),
          200,
          201,
        ),
      call,
      403,
      'licences/suspended',
    )
  })
}

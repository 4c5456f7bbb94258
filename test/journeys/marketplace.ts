/** A marketplace splits a payment: a million so'm to two sellers, a fee and a tax, exact to the tiyin. */
import assert from 'node:assert/strict'
import { uuidv7 } from '#kernel/id.ts'
import { minorOf } from '#kernel/money.ts'
import { admitToProduction, newApplication, type PartnerPlan, register } from './onboarding.ts'
import { refuseAcrossCells, refusedSoon, suspendLicence } from './refusals.ts'
import type { Place, Story } from './story.ts'
import { eventually, expectRefusal, expectStatus } from './walker.ts'

const plan: PartnerPlan = {
  organisation: 'Bozor Market',
  statuses: ['marketplace'],
  tier: 'Silver',
  products: ['payments'],
  constraint: 'dpop',
  authentication: 'private_key_jwt',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  evidence: [{ type: 'aml_policy' }, { type: 'kyb_policy' }, { type: 'dpa' }, { type: 'pen_test' }],
}

interface LegJson {
  legId: string
  status: string
  amount: { amount: string }
  paidAmount: { amount: string }
  heldAmount: { amount: string }
  reversedAmount: { amount: string }
}

const tiyin = ({ amount }: { amount: string }): bigint => {
  const minor = minorOf(amount, 'UZS')
  assert.ok(minor !== undefined, `${amount} is no amount of UZS`)
  return minor
}
const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n)

/** Σ legs = gross, and each leg is paid, held and reversed to its last tiyin: at every instant. */
const adds = (body: Record<string, unknown>, gross: bigint): LegJson[] => {
  const legs = body['legs'] as LegJson[]
  assert.equal(sum(legs.map((leg) => tiyin(leg.amount))), gross)
  for (const leg of legs)
    assert.equal(
      tiyin(leg.paidAmount) + tiyin(leg.heldAmount) + tiyin(leg.reversedAmount),
      tiyin(leg.amount),
      leg.legId,
    )
  return legs
}

const GROSS = { amount: '1000000.00', currency: 'UZS' }
const destination = ({ identification, bankCode, name }: Place) => ({
  schemeName: 'UZ.AccountNumber',
  identification,
  bankCode,
  name,
})

export const marketplace: Story = async (walker, { wellKnown, cell, cast, places }) => {
  const partner = await walker.step('the marketplace registers', () => register(wellKnown, plan))
  const asked = { wellKnown, partner, plan, cell }
  if (cell === 'production') await admitToProduction(walker, wellKnown, partner, plan)
  const application = await walker.step(
    cell === 'sandbox'
      ? 'it has sandbox keys at once'
      : 'production credentials are approved by two people',
    () => newApplication(asked),
  )
  const own = await walker.step('it gets a token for its programme', async () => {
    const token = await eventually(
      60_000,
      () => application.token('payments:split').catch(() => undefined),
      (t) => t !== undefined,
    )
    assert.ok(token, 'no token')
    return token
  })
  const programme = await walker.step(
    'it learns where money for its programme is paid in',
    async () => {
      const answer = await eventually(
        60_000,
        () => application.call(own, 'GET', '/payments/v1/programme-account'),
        (a) => a.status === 200,
      )
      return expectStatus(answer, 200).body as { account: Record<string, string>; name: string }
    },
  )

  const payment = {
    instructedAmount: GROSS,
    creditorAccount: programme.account,
    creditorName: programme.name,
    endToEndIdentification: `ORDER-${uuidv7().slice(0, 20)}`,
  }
  const consented = await walker.step(
    'a customer consents to pay 1 000 000.00 soʻm to the marketplace',
    () =>
      application.askCustomer({
        scope: 'payments',
        details: [{ type: 'urn:bank:payment:v1', ...payment }],
        customer: cast.payer,
        decide: (page) => {
          assert.match(
            page.replaceAll(/[\s\u00a0\u202f,]/g, ''),
            /1000000\.00/,
            'the page shows the amount',
          )
          return { approve: true }
        },
      }),
  )
  await walker.step('a tiyin more than the customer approved is refused', async () => {
    const answer = await application.call(consented, 'POST', '/payments/v1/payments', {
      body: { ...payment, instructedAmount: { amount: '1000000.01', currency: 'UZS' } },
    })
    expectRefusal(answer, 400, 'payments/differs-from-consent')
  })
  const key = uuidv7()
  const paid = await walker.step('the payment is made', async () =>
    expectStatus(
      await application.call(consented, 'POST', '/payments/v1/payments', {
        body: payment,
        idempotencyKey: key,
      }),
      201,
    ),
  )
  await walker.step('the same Idempotency-Key again changes nothing', async () => {
    const again = expectStatus(
      await application.call(consented, 'POST', '/payments/v1/payments', {
        body: payment,
        idempotencyKey: key,
      }),
      201,
    )
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    assert.equal(again.body['paymentId'], paid.body['paymentId'])
  })
  const settled = await walker.step('its status is read back: settled', async () => {
    const answer = await eventually(
      60_000,
      () =>
        application.call(
          consented,
          'GET',
          `/payments/v1/payments/${String(paid.body['paymentId'])}`,
        ),
      (a) => a.body['status'] === 'ACSC',
    )
    assert.equal(answer.body['status'], 'ACSC', JSON.stringify(answer.body))
    return answer
  })

  const gross = tiyin(GROSS)
  const splitKey = uuidv7()
  const split = {
    paymentId: settled.body['paymentId'],
    grossAmount: GROSS,
    legs: [
      {
        legId: 'pottery',
        destination: destination(places.sellers[0]),
        role: 'seller',
        sharePpm: 600_000,
      },
      {
        legId: 'textiles',
        destination: destination(places.sellers[1]),
        role: 'seller',
        sharePpm: 233_333,
        releaseCondition: 'manual',
      },
      { legId: 'fee', destination: destination(places.platform), role: 'platform_fee' },
      {
        legId: 'vat',
        destination: destination(places.treasury),
        role: 'tax',
        amount: { amount: '107142.86', currency: 'UZS' },
      },
    ],
    remainderTo: 'fee',
  }
  const created = await walker.step(
    'it is split to two sellers, fee and tax; the legs add up to the tiyin; one is held',
    async () => {
      const answer = expectStatus(
        await application.call(own, 'POST', '/payments/v1/split-payments', {
          body: split,
          idempotencyKey: splitKey,
        }),
        201,
      )
      const legs = adds(answer.body, gross)
      assert.equal(legs.find((leg) => leg.legId === 'textiles')?.status, 'HELD')
      return answer
    },
  )
  const path = `/payments/v1/split-payments/${String(created.body['splitPaymentId'])}`
  await walker.step('the same split again changes nothing', async () => {
    const again = expectStatus(
      await application.call(own, 'POST', '/payments/v1/split-payments', {
        body: split,
        idempotencyKey: splitKey,
      }),
      201,
    )
    assert.equal(again.body['splitPaymentId'], created.body['splitPaymentId'])
  })
  await walker.step('the held leg is released once', async () => {
    const released = expectStatus(
      await application.call(own, 'POST', `${path}/legs/textiles/release`, {
        body: { reason: 'DELIVERED' },
      }),
      200,
    )
    assert.match(String(released.body['status']), /PAID|RELEASING/)
    const twice = await application.call(own, 'POST', `${path}/legs/textiles/release`, {
      body: { reason: 'DELIVERED' },
    })
    expectRefusal(twice, 409, 'payments/leg-not-held')
  })
  await walker.step('a part is refunded, shared over the legs', async () => {
    const refund = await application.call(own, 'POST', `${path}/refunds`, {
      body: {
        amount: { amount: '100000.01', currency: 'UZS' },
        policy: 'PRO_RATA',
        reason: 'CUST',
      },
    })
    const legs = expectStatus(refund, 201).body['legs'] as { amount: { amount: string } }[]
    assert.equal(sum(legs.map((leg) => tiyin(leg.amount))), 10_000_001n)
  })
  await walker.step('the split is read back, and still adds up', async () => {
    const answer = await eventually(
      60_000,
      () => application.call(own, 'GET', path),
      (a) => (a.body['refunds'] as { status: string }[] | undefined)?.[0]?.status === 'ACSC',
    )
    const legs = adds(expectStatus(answer, 200).body, gross)
    assert.equal(sum(legs.map((leg) => tiyin(leg.reversedAmount))), 10_000_001n)
    assert.equal(sum(legs.map((leg) => tiyin(leg.heldAmount))), 0n)
  })

  await refuseAcrossCells(walker, application, own, path)
  const second = { ...payment, endToEndIdentification: `ORDER-${uuidv7().slice(0, 20)}` }
  const next = await walker.step('the customer consents to another payment', () =>
    application.askCustomer({
      scope: 'payments',
      details: [{ type: 'urn:bank:payment:v1', ...second }],
      customer: cast.doubter,
      decide: () => ({ approve: true }),
    }),
  )
  await walker.step('that consent ends, and the payment is refused', () =>
    refusedSoon(
      () => application.endConsent(next),
      () => application.call(next, 'POST', '/payments/v1/payments', { body: second }),
      403,
      'consents/revoked',
    ),
  )
  await suspendLicence(walker, wellKnown, partner, 'payments.split', () =>
    application.call(own, 'GET', path),
  )
  await application.close()
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statistics } from './statistics.ts'

const zone = 'Asia/Tashkent'
const at = (local: string) => Temporal.PlainDateTime.from(local).toZonedDateTime(zone).toInstant()
const row = (
  day: string,
  product: string,
  operation: string,
  [calls, errors, totalMs]: [number, number, number],
) => ({ day: Temporal.PlainDate.from(day), product, operation, calls, errors, totalMs })

test('EBA/GL/2018/07, guidelines 2.2 and 2.3: uptime, downtime, times by service and errors, for each day of the bank', () => {
  const period = { from: at('2027-01-10T00:00'), to: at('2027-01-13T00:00'), zone }
  const lines = statistics(
    [
      row('2027-01-10', 'accounts', 'getBalances', [3, 0, 60]),
      row('2027-01-10', 'accounts', 'listTransactions', [1, 1, 140]),
      row('2027-01-10', 'accounts', 'confirmFunds', [2, 0, 30]),
      row('2027-01-10', 'payments', 'createPayment', [1, 0, 90]),
      row('2027-01-10', 'cards', 'issueCard', [1, 1, 500]),
      row('2027-01-12', 'payments', 'getPayment', [4, 0, 40]),
    ],
    // Over midnight of the bank, which is not UTC's: an hour falls on either day.
    [{ since: at('2027-01-10T23:00'), until: at('2027-01-11T01:00') }],
    period,
  )

  const down = { downtimePercent: 4.1667, uptimePercent: 95.8333, downtimeSeconds: 3_600 }
  const nothing = {
    accountInformationMs: null,
    paymentInitiationMs: null,
    fundsConfirmationMs: null,
  }
  assert.deepEqual(lines, [
    {
      day: '2027-01-10',
      ...down,
      requests: 8,
      accountInformationMs: 50,
      paymentInitiationMs: 90,
      fundsConfirmationMs: 15,
      errorPercent: 25,
    },
    { day: '2027-01-11', ...down, ...nothing, requests: 0, errorPercent: null },
    {
      ...nothing,
      day: '2027-01-12',
      uptimePercent: 100,
      downtimePercent: 0,
      downtimeSeconds: 0,
      requests: 4,
      paymentInitiationMs: 10,
      errorPercent: 0,
    },
  ])
})

/** The three journeys with the client of `sdk/typescript`. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPortico, Refusal, type Tokens } from '../../typescript/index.ts'

const set = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}
const file = (name: string) => readFileSync(set(name), 'utf8')

const portico = openPortico({
  environment: {
    issuer: set('PORTICO_ISSUER'),
    gateway: set('PORTICO_GATEWAY'),
    gatewayMtls: set('PORTICO_GATEWAY'),
  },
  clientId: set('PORTICO_CLIENT_ID'),
  authentication: { method: 'tls_client_auth' },
  identity: { certificate: file('PORTICO_CERT_FILE'), key: file('PORTICO_KEY_FILE') },
  authority: file('PORTICO_CA_FILE'),
})

/** Sends the customer to the bank, and waits until they are back. */
const consented = async (scope: string, details: object[]) => {
  const redirectUri = 'https://partner.example/back'
  const { url, finish } = await portico.issuer.askCustomer({ scope, details, redirectUri })
  const terminal = createInterface({ input: process.stdin })
  process.stdout.write(`open: ${url}\n`)
  const back = await new Promise<string>((done) => terminal.once('line', done))
  terminal.close()
  return finish(back.trim())
}

const government = () =>
  portico.call('verifyOwnership', {
    tokens: portico.issuer.own('accounts:verify'),
    body: {
      account: {
        schemeName: 'UZ.AccountNumber',
        identification: '80206000880000001001',
        bankCode: '09998',
      },
      name: 'Dilnoza Rahimova',
      purpose: 'BENEFIT_PAYMENT',
      legalReference: 'Decree 123, case 4711',
    },
  })

const telecom = async () => {
  const tokens = await consented('cards:issue cards:read', [
    {
      type: 'urn:bank:card-issue:v1',
      cardType: 'virtual',
      currency: 'UZS',
      purpose: { code: 'card-programme', text: 'A virtual card in our app' },
    },
  ])
  return portico.call('issueCard', { tokens, body: { cardType: 'virtual', currency: 'UZS' } })
}

const destination = (identification: string, name: string) => ({
  schemeName: 'UZ.AccountNumber' as const,
  identification,
  bankCode: '09998',
  name,
})

/** Asks now and then. A program that runs for long learns it from the webhook `payments.settled`. */
const settled = async (tokens: Tokens, paymentId: string) => {
  for (let tries = 0; tries < 120; tries++) {
    const { status } = await portico.call('getPayment', { tokens, path: { paymentId } })
    if (status === 'ACSC') return
    if (status === 'RJCT' || status === 'CANC') throw new Error(`the payment ended as ${status}`)
    await sleep(500)
  }
  throw new Error('the payment has not settled within a minute')
}

const marketplace = async () => {
  const own = portico.issuer.own('payments:split')
  const programme = await portico.call('getProgrammeAccount', { tokens: own })
  const payment = {
    instructedAmount: { amount: '1000000.00', currency: 'UZS' },
    creditorAccount: programme.account,
    creditorName: programme.name,
    endToEndIdentification: `ORDER-${Date.now()}`,
  }
  const tokens = await consented('payments', [{ type: 'urn:bank:payment:v1', ...payment }])
  const { paymentId } = await portico.call('createPayment', { tokens, body: payment })
  await settled(tokens, paymentId)
  return portico.call('createSplitPayment', {
    tokens: own,
    body: {
      paymentId,
      grossAmount: payment.instructedAmount,
      legs: [
        {
          legId: 'textiles',
          destination: destination('80208000480000102001', 'Chorsu Tekstil'),
          role: 'seller',
          sharePpm: 600_000,
        },
        {
          legId: 'bread',
          destination: destination('80208000180000103001', 'Samarqand Non'),
          role: 'seller',
          sharePpm: 233_333,
        },
        {
          legId: 'fee',
          destination: destination('80208000180000101003', 'Bozor Market'),
          role: 'platform_fee',
        },
        {
          legId: 'vat',
          destination: destination('89802000780000106001', 'Davlat soliq qoʻmitasi gʻaznasi'),
          role: 'tax',
          amount: { amount: '107142.86', currency: 'UZS' },
        },
      ],
      remainderTo: 'fee',
    },
  })
}

const journeys: Readonly<Record<string, () => Promise<unknown>>> = {
  government,
  telecom,
  marketplace,
}
const journey = journeys[process.argv[2] ?? '']
if (!journey) throw new Error(`which journey? ${Object.keys(journeys).join(', ')}`)
try {
  process.stdout.write(`${JSON.stringify(await journey())}\n`)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  // `interactionId` is what our support asks for.
  process.stderr.write(`${error.message} (${error.interactionId ?? 'no interaction id'})\n`)
  process.exitCode = 1
} finally {
  await portico.close()
}

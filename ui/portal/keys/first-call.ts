/** The first call of an application, with its own values, ready to paste. */
import type { Application, WellKnown } from '../wire.ts'
import { fileName } from './file-name.ts'

interface Starter {
  readonly scope: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
}

/** For each product, an operation that asks no customer first. */
const starters: Record<string, Starter> = {
  cards: { scope: 'cards:read', method: 'GET', path: '/cards/v1/cards' },
  lending: { scope: 'lending:products', method: 'GET', path: '/lending/v1/products' },
  payments: { scope: 'payments:split', method: 'GET', path: '/payments/v1/programme-account' },
  accounts: {
    scope: 'accounts:verify',
    method: 'POST',
    path: '/accounts/v1/ownership-verifications',
    body: {
      account: {
        schemeName: 'UZ.AccountNumber',
        identification: '80206000880000001001',
        bankCode: '09998',
      },
      name: 'Rahimova Dilnoza Akmal qizi',
      purpose: 'CONTRACT',
      legalReference: 'First call from the portal',
    },
  },
}

export type SampleLanguage = 'curl' | 'TypeScript'

/** The token, then the call, with the application's own certificate. Null where a plain client cannot prove the key. */
export const firstCall = (
  application: Application,
  servers: WellKnown,
): Readonly<Record<SampleLanguage, string>> | null => {
  if (application.senderConstraint !== 'mtls' || application.authentication !== 'tls_client_auth')
    return null
  const starter = application.products.map((product) => starters[product]).find(Boolean)
  if (!starter) return null
  const file = fileName(application.name, application.cell, 'pem')
  const given = { ...servers.cells[application.cell], clientId: application.id, file, ...starter }
  return { curl: curlOf(given), TypeScript: typescriptOf(given) }
}

interface Given extends Starter {
  readonly issuerMtls: string
  readonly gatewayMtls: string
  readonly clientId: string
  readonly file: string
}

const curlOf = ({ issuerMtls, gatewayMtls, clientId, file, scope, method, path, body }: Given) =>
  [
    '# 1. A token. Your certificate is the only credential.',
    `TOKEN=$(curl -s --cacert portico-ca.pem --cert ${file} \\`,
    `  ${issuerMtls}/token \\`,
    `  -d client_id=${clientId} \\`,
    `  -d grant_type=client_credentials -d scope=${scope} \\`,
    `  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    '',
    '# 2. The call.',
    `curl --cacert portico-ca.pem --cert ${file} \\`,
    `  ${gatewayMtls}${path} \\`,
    ...(method === 'POST'
      ? [
          `  -H "Authorization: Bearer $TOKEN" \\`,
          `  -H "Content-Type: application/json" -H "Idempotency-Key: my-first-call-0001" \\`,
          `  -d '${JSON.stringify(body)}'`,
        ]
      : [`  -H "Authorization: Bearer $TOKEN"`]),
  ].join('\n')

/** Node alone, without a package: `node first-call.ts`. */
const typescriptOf = (given: Given) => {
  const { issuerMtls, gatewayMtls, clientId, file, scope, method, path, body } = given
  const headers =
    method === 'POST'
      ? `{
  authorization: \`Bearer \${token}\`,
  'content-type': 'application/json',
  'idempotency-key': crypto.randomUUID(),
}`
      : '{ authorization: `Bearer ${token}` }'
  return `import { readFileSync } from 'node:fs'
import { request } from 'node:https'

const pem = readFileSync('${file}')
const identity = { ca: readFileSync('portico-ca.pem'), cert: pem, key: pem }

const ask = (url: string, method: string, headers: Record<string, string>, body = '') =>
  new Promise<string>((resolve, reject) => {
    const call = request(url, { ...identity, method, headers }, async (answer) =>
      resolve((await answer.toArray()).join('')),
    )
    call.on('error', reject).end(body)
  })

// 1. A token. Your certificate is the only credential.
const form = new URLSearchParams({
  client_id: '${clientId}',
  grant_type: 'client_credentials',
  scope: '${scope}',
})
const { access_token: token } = JSON.parse(
  await ask('${issuerMtls}/token', 'POST',
    { 'content-type': 'application/x-www-form-urlencoded' }, form.toString()),
)

// 2. The call.
console.log(
  await ask('${gatewayMtls}${path}', '${method}', ${headers}${
    body === undefined ? '' : `,\n    JSON.stringify(${JSON.stringify(body)})`
  }),
)
`
}

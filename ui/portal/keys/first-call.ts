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

/** curl with the application's own certificate: the token, then the call. Null where curl alone cannot prove the key. */
export const firstCall = (application: Application, servers: WellKnown): string | null => {
  if (application.senderConstraint !== 'mtls' || application.authentication !== 'tls_client_auth')
    return null
  const starter = application.products.map((product) => starters[product]).find(Boolean)
  if (!starter) return null
  const { issuerMtls, gatewayMtls } = servers.cells[application.cell]
  const file = fileName(application.name, application.cell, 'pem')
  const { scope, method, path, body } = starter
  return [
    '# 1. A token. Your certificate is the only credential.',
    `TOKEN=$(curl -s --cacert portico-ca.pem --cert ${file} \\`,
    `  ${issuerMtls}/token \\`,
    `  -d client_id=${application.id} \\`,
    `  -d grant_type=client_credentials -d scope=${scope} \\`,
    `  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    '',
    '# 2. The call.',
    `curl --cacert portico-ca.pem --cert ${file} \\`,
    `  ${gatewayMtls}${path} \\`,
    ...(method === 'POST'
      ? [
          `  -H "Authorization: Bearer $TOKEN" \\`,
          `  -H "Content-Type: application/json" -H "Idempotency-Key: first-call" \\`,
          `  -d '${JSON.stringify(body)}'`,
        ]
      : [`  -H "Authorization: Bearer $TOKEN"`]),
  ].join('\n')
}

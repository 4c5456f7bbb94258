/** Which day's shape the call speaks: the header, or the application's pin. One shape lives today, so the chain is empty. */
import { problem } from '#kernel/problem.ts'
import { type Call, identityOf } from '../call.ts'

export const versionUnknown = problem(
  'gateway/version-unknown',
  400,
  'The version is not one of this product',
)

export const version = (call: Call): void => {
  const asked = call.head.headers['api-version'] ?? identityOf(call).application.apiVersion
  const accepted = call.table.products.get(call.operation.product)?.versions
  if (!accepted?.has(asked))
    throw versionUnknown(`it has ${[...(accepted ?? [])].join(', ') || 'none'}`, {
      gate: 'partner',
      hint: 'Name one of them in Api-Version, or pin one for the application.',
    })
  call.version = asked
  call.headers.push('api-version', asked)
}

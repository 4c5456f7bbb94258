/** Which day's shape the call speaks: the header, or the application's pin; and what becomes of that version. */
import { type Problem, problem } from '#kernel/problem.ts'
import { type Call, identityOf } from '../call.ts'
import { formOf } from '../documents/older.ts'
import { endingOf, headersOf, type Life } from '../snapshots/life.ts'
import type { Product } from '../snapshots/table.ts'

export const versionUnknown = problem(
  'gateway/version-unknown',
  400,
  'The version is not one of this product',
)
export const versionRetired = problem('gateway/version-retired', 410, 'The version has ended')
export const versionBrownout = problem(
  'gateway/version-brownout',
  410,
  'The version is refused for some hours, because it will end',
)

export const version = (call: Call): void => {
  const { application } = identityOf(call)
  const { betas, lives, products } = call.table
  const asked = call.head.headers['api-version'] ?? application.apiVersion
  const product = products.get(call.operation.product)
  const accepted = product?.versions
  const isBeta = betas.has(asked)
  const form = product && formDay(product, asked, application.betas)
  if (
    form === undefined ||
    !accepted?.has(asked) ||
    (isBeta && !application.betas.includes(asked))
  ) {
    const alive = [...(accepted ?? [])].filter((day) => !lives.get(day)?.retired && !betas.has(day))
    throw versionUnknown(`it has ${alive.join(', ') || 'none'}`, {
      gate: 'partner',
      hint: isBeta
        ? `${asked} is a beta: ask for it for this application, on the page of versions.`
        : 'Name one of them in Api-Version, or pin one for the application.',
    })
  }
  call.version = asked
  call.headers.push('api-version', asked)
  if (isBeta) call.headers.push('api-version-stage', 'beta')
  const life = call.table.lives.get(asked)
  if (life) outlive(call, life, asked)
  if (call.operation.older.length > 0) call.older = formOf(call.operation.older, form)
}

/**
 * Who asked for a version in trial asked for no other product's: of that it is served what was stable before. Undefined:
 * that product has nothing else.
 */
const formDay = (
  { beta }: Pick<Product, 'beta'>,
  asked: string,
  joined: readonly string[],
): string | undefined =>
  beta === null || asked < beta.day || joined.includes(beta.day) ? asked : beta.before

/** Not 429 and not 503: clients back off from those, try again, and nobody looks. */
const outlive = (call: Call, life: Life, asked: string): void => {
  const { operation, atMs, headers } = call
  const { partner } = identityOf(call).application
  const extendedMs = partner.extensions.get(asked)
  headers.push(...headersOf(life, extendedMs ?? life.sunsetMs))
  const ending = endingOf(life, {
    atMs,
    extendedMs,
    partnerId: partner.id,
    isPayment: operation.priority === 'payment' || operation.priority === 'payment-status',
  })
  const refusal = refusalOf(ending, asked, life)
  if (refusal) throw refusal
}

const refusalOf = (
  ending: ReturnType<typeof endingOf>,
  asked: string,
  { page }: Life,
): Problem | undefined => {
  const particulars = { gate: 'partner' as const, hint: `${page} says what to change.` }
  switch (ending.refused) {
    case false:
      return undefined
    case 'retired':
      return versionRetired(`${asked} is served no more`, particulars)
    case 'brownout':
      return versionBrownout(
        `${asked} is served again from ${new Date(ending.untilMs).toISOString()}, and will end for good`,
        particulars,
      )
  }
}

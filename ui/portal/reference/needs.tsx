/** What a call takes before the bank is asked: each gate that is checked, and who gives what it wants. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../../kit/icons.tsx'
import { Rich, useFormat } from '../../kit/language.tsx'
import { useOffer } from '../pages/front.tsx'
import { useText } from '../messages/index.ts'
import type { Needs } from './wire.ts'

export const NeedsList = ({ operation, needs }: { operation: string; needs: Needs }) => {
  const text = useText()
  const format = useFormat()
  return (
    <ul className="needs">
      <Need icon="badge" name={text('need.licence')} beside={text('need.licence.one')}>
        <Words words={needs.permissions} />
        {needs.permissions.length > 1 && ` ${text('need.licence.any')}`}
      </Need>
      <Need icon="key" name={text('need.scope')} beside={text('need.scope.about')}>
        <code>{needs.scope}</code>
      </Need>
      {needs.consent && (
        <Need icon="document" name={text('need.consent')} beside={text('need.consent.about')}>
          {needs.consent.permissions.length === 0 ? (
            text('need.consent.none')
          ) : (
            <Words words={needs.consent.permissions} />
          )}
        </Need>
      )}
      {(needs.twoFactors || needs.scaMaxAge !== undefined) && needs.consent && (
        <Need
          icon="fingerprint"
          name={text('need.two-factors')}
          beside={text('need.two-factors.about')}
        >
          {needs.scaMaxAge === undefined
            ? text('need.sca')
            : text('need.sca-age', { span: format.span(needs.scaMaxAge * 1000) })}
        </Need>
      )}
      {needs.cardData && (
        <Need icon="cards" name={text('need.card')} beside={text('need.card.about')}>
          {text('need.card.text')}
        </Need>
      )}
      {needs.idempotency && (
        <Need icon="history" name={text('need.once')} beside={text('need.once.about')}>
          {text(`need.once.${needs.idempotency}`)}
        </Need>
      )}
      {needs.signature && (
        <Need
          icon="evidence"
          name={text('need.signature')}
          beside={<Rich text={text('need.signature.about')} />}
        >
          {text(`need.signature.${needs.signature}`)}
        </Need>
      )}
      <Price operation={operation} />
    </ul>
  )
}

const Need = (props: { icon: IconName; name: string; beside: ReactNode; children: ReactNode }) => (
  <li>
    <Icon name={props.icon} />
    <div>
      <h3>{props.name}</h3>
      <p>{props.children}</p>
    </div>
    <span className="small dim">{props.beside}</span>
  </li>
)

const Words = ({ words }: { words: readonly string[] }) => (
  <span className="words">
    {words.map((word) => (
      <code key={word}>{word}</code>
    ))}
  </span>
)

const Price = ({ operation }: { operation: string }) => {
  const text = useText()
  const format = useFormat()
  const offer = useOffer().data
  const found = offer?.data.flatMap((p) => p.operations).find((o) => o.id === operation)
  if (!offer || !found || found.unitPrice === null) return null
  const free = Number(found.unitPrice) === 0
  return (
    <Need
      icon="receipt"
      name={text('need.price')}
      beside={text('need.price.about', { version: offer.prices.version })}
    >
      {free
        ? text('need.price.free')
        : format.amount({ amount: found.unitPrice, currency: offer.prices.currency })}
    </Need>
  )
}

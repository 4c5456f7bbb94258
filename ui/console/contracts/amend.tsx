/** Other terms for a contract in force: what is filled in otherwise is proposed, all else stays as both sides signed it. */
import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { read, send } from '../../kit/api.ts'
import { Choices, faultAt, Field, type Filled, Form, Select, TextArea } from '../../kit/fields.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { dayAfter, isDay, startOfDay, today } from '../../kit/moments.ts'
import { Card, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { soldIn, useCatalogue } from '../queries.ts'
import type { Asked, Catalogue, Contract } from '../wire.ts'
import { type Amendment, amendmentOf, type Notices, type Terms } from './amendment.ts'
import type { Promised } from './promises.ts'
import { Promises, usePromises } from './promise-fields.tsx'
import { type Templates, useTemplates } from './templates.ts'
import { linesOf, type Withheld, withheldIn } from './withheld.ts'

interface SignedTerms {
  readonly sets: {
    readonly products: readonly string[]
    readonly limits: { readonly tier: string }
    readonly prices: { readonly version: string }
    readonly notices: Notices
    readonly levels: readonly Promised[]
    readonly messages: {
      readonly signatures: 'required' | null
      readonly withheld: Withheld
    }
  }
}

const useSigned = ({ id, template }: Contract): Terms | undefined => {
  const { data } = useQuery({
    queryKey: ['contracts', id, 'terms'],
    queryFn: () => read<SignedTerms>(`/api/contracts/${id}/terms`),
  })
  if (!data) return undefined
  const { products, limits, prices, notices, levels, messages } = data.sets
  return {
    tier: limits.tier,
    priceVersion: prices.version,
    products,
    notices,
    levels,
    signatures: messages.signatures,
    withheld: messages.withheld,
    template,
  }
}

export const Amend = ({ contract }: { contract: Contract }) => {
  const text = useText()
  const may = useMay(['partner-success', 'head-of-platform'])
  const signed = useSigned(contract)
  const catalogue = useCatalogue().data
  const templates = useTemplates().data
  const rules = contract.status === 'active' || contract.status === 'frozen'
  if (!may || !rules || !signed || !catalogue || !templates) return null
  return (
    <Card title={text('amend.title')}>
      <div className="pad">
        <AmendForm id={contract.id} signed={signed} catalogue={catalogue} templates={templates} />
      </div>
    </Card>
  )
}

const noticeIn = ({ one }: Filled): Notices => ({
  breakingMonths: Number(one('breakingMonths')),
  priceDays: Number(one('priceDays')),
  endDays: Number(one('endDays')),
})

const wishedIn = (
  filled: Filled,
  signed: Terms,
  { levels, newest }: { levels: readonly Promised[]; newest: string },
): Terms => ({
  levels,
  tier: filled.one('tier'),
  priceVersion: filled.one('priceVersion'),
  products: filled.many('products'),
  notices: noticeIn(filled),
  signatures: filled.many('signatures').length > 0 ? 'required' : null,
  withheld: withheldIn(filled.one('withheld')),
  template: filled.many('newest').length > 0 ? newest : signed.template,
})

const AmendForm = (props: {
  id: string
  signed: Terms
  catalogue: Catalogue
  templates: Templates
}) => {
  const { id, signed, catalogue, templates } = props
  const text = useText()
  const word = useWord()
  const { zone } = useFormat()
  const promises = usePromises(signed.levels)
  const sold = soldIn(catalogue)
  const [same, setSame] = useState(false)
  const amend = useCommand((amendment: Amendment) =>
    send<Asked>(`/api/contracts/${id}/amendments`, amendment),
  )
  const fault = (pointer: string) => faultAt(amend.error, pointer)
  return (
    <Form
      label={text('amend.title')}
      busy={amend.isPending}
      error={amend.error}
      onSubmit={(filled) => {
        const day = filled.one('validFrom')
        const amendment = amendmentOf(
          signed,
          wishedIn(filled, signed, {
            levels: promises.in(filled),
            newest: templates.newest.id,
          }),
          isDay(day) ? startOfDay(day, zone) : undefined,
        )
        const { validFrom: _, ...terms } = amendment
        const changesNothing = Object.keys(terms).length === 0
        setSame(changesNothing)
        if (!changesNothing) amend.mutate(amendment)
      }}
      acts={
        <button className="button" disabled={amend.isPending}>
          {text('act.propose')}
        </button>
      }
    >
      <p className="small">{text('amend.about')}</p>
      <div className="form-two">
        <Select
          name="tier"
          label={text('contract.tier')}
          value={signed.tier}
          options={[
            { value: signed.tier, label: text('amend.as-signed', { what: signed.tier }) },
            ...catalogue.tiers
              .filter(({ name, sold }) => sold && name !== signed.tier)
              .map(({ name }) => ({ value: name, label: name })),
          ]}
          fault={fault('/tier')}
        />
        <Select
          name="priceVersion"
          label={text('contract.price-version')}
          value={signed.priceVersion}
          options={[
            {
              value: signed.priceVersion,
              label: text('amend.as-signed', { what: signed.priceVersion }),
            },
            ...catalogue.priceVersions
              .filter(({ id: version }) => version !== signed.priceVersion)
              .map(({ id: version }) => ({ value: version, label: version })),
          ]}
          fault={fault('/priceVersion')}
        />
      </div>
      <Choices
        name="products"
        label={text('application.products')}
        many
        pairs
        chosen={signed.products}
        options={sold.map((product) => ({ value: product, label: word('product', product) }))}
        fault={fault('/products')}
      />
      <Promises promises={promises} products={sold} fault={fault} />
      <NoticeFields notices={signed.notices} fault={fault} />
      <Choices
        name="signatures"
        label={text('offer.signatures')}
        many
        chosen={signed.signatures ? ['required'] : []}
        options={[{ value: 'required', label: text('offer.signatures.required') }]}
      />
      <TextArea
        name="withheld"
        label={text('offer.withheld')}
        hint={text('offer.withheld.hint')}
        value={linesOf(signed.withheld)}
        code
      />
      {templates.newest.id !== signed.template && (
        <Choices
          name="newest"
          label={text('amend.wording')}
          many
          options={[
            {
              value: 'yes',
              label: text('amend.wording.newest', { template: templates.newest.id }),
              about: text('amend.as-signed', { what: signed.template }),
            },
          ]}
        />
      )}
      <Field
        name="validFrom"
        type="date"
        label={text('amend.from')}
        hint={text('amend.from.hint')}
        min={dayAfter(today(zone), 1)}
        fault={fault('/validFrom')}
      />
      {same && (
        <Note tone="warn" live>
          {text('amend.same')}
        </Note>
      )}
      <Waits asked={amend.data} />
    </Form>
  )
}

const NoticeFields = (props: {
  notices: Notices
  fault: (pointer: string) => string | undefined
}) => {
  const { notices, fault } = props
  const text = useText()
  const field = (name: keyof Notices, min: number, max: number) => (
    <Field
      name={name}
      type="number"
      label={text(`amend.${name}`)}
      value={String(notices[name])}
      min={String(min)}
      max={String(max)}
      required
      fault={fault(`/notices/${name}`)}
    />
  )
  return (
    <fieldset className="field">
      <legend>{text('amend.notice')}</legend>
      <div className="form-two">
        {field('breakingMonths', 6, 60)}
        {field('priceDays', 30, 365)}
        {field('endDays', 30, 730)}
      </div>
    </fieldset>
  )
}

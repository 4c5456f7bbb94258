/** A product's next document: judged beside what callers were promised, and proposed; what it would do stands with the decision. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { send } from '../../kit/api.ts'
import { faultAt, Field, type Filled, Form, Select } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useWord } from '../../kit/language.tsx'
import { Answer, Failure } from '../../kit/answer.tsx'
import { Card, Facts, Note } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { useCommand, useMay, Waits } from '../proposing.tsx'
import { useCatalogue } from '../queries.ts'
import type { Asked, Catalogue } from '../wire.ts'
import { JudgementCard } from './judgement.tsx'
import type { Judgement } from './wire.ts'

/** A document that was read off the disk: an object, or nothing that can be sent. */
type ReadIn = { readonly name: string; readonly document: object | null }

const readIn = async (file: File): Promise<ReadIn> => {
  try {
    const document: unknown = JSON.parse(await file.text())
    const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
    return { name: file.name, document: isObject ? document : null }
  } catch {
    return { name: file.name, document: null }
  }
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
const said = (value: unknown) => (typeof value === 'string' ? value : '–')

const makers = ['head-of-platform', 'api-product', 'api-engineering'] as const

export const ProposeDocument = () => {
  const text = useText()
  const catalogue = useCatalogue()
  const may = useMay(makers)
  return (
    <>
      <Crumbs
        above={{ to: '/catalogue', name: text('catalogue.title') }}
        here={text('document.title')}
      />
      <PageHead title={text('document.title')} about={text('document.about')} />
      {may ? (
        <Answer to={catalogue}>{(found) => <Proposal catalogue={found} />}</Answer>
      ) : (
        <Note>{text('document.not-yours')}</Note>
      )}
    </>
  )
}

const Proposal = ({ catalogue }: { catalogue: Catalogue }) => {
  const text = useText()
  const word = useWord()
  const [given, setGiven] = useState<ReadIn>()
  const proposal = useCommand(({ one }: Filled) =>
    send<Asked>('/api/catalogue/documents', {
      product: one('product'),
      openapi: given?.document ?? {},
      reason: one('reason'),
    }),
  )
  const [product, setProduct] = useState(`${catalogue.data[0]?.id ?? ''}`)
  // It keeps nothing, so no page reads differently afterwards.
  const judgement = useMutation({
    mutationFn: () =>
      send<Judgement>('/api/versions/judgement', { product, openapi: given?.document ?? {} }),
  })
  return (
    <div className="columns">
      <Card title={text('document.new')}>
        <div className="pad stack close">
          <Waits asked={proposal.data} />
          <Form
            label={text('document.new')}
            busy={proposal.isPending}
            error={proposal.error}
            onSubmit={(filled) => given?.document && proposal.mutate(filled)}
            acts={
              <>
                <button
                  className="button primary"
                  disabled={proposal.isPending || !given?.document}
                >
                  {text(proposal.isPending ? 'document.judging' : 'document.act')}
                </button>
                <button
                  type="button"
                  className="button"
                  disabled={judgement.isPending || !given?.document}
                  onClick={() => judgement.mutate()}
                >
                  {text(judgement.isPending ? 'document.judging' : 'judgement.act')}
                </button>
              </>
            }
          >
            <Select
              name="product"
              label={text('versions.product')}
              options={catalogue.data.map(({ id }) => ({ value: id, label: word('product', id) }))}
              value={product}
              onPick={setProduct}
            />
            <Field
              name="file"
              type="file"
              accept="application/json,.json"
              label={text('document.file')}
              hint={text('document.file.hint')}
              required
              onFile={(file) => void readIn(file).then(setGiven)}
              fault={given && !given.document ? text('document.unread') : undefined}
            />
            <Field
              name="reason"
              label={text('document.reason')}
              required
              fault={faultAt(proposal.error, '/reason')}
            />
          </Form>
        </div>
      </Card>
      <div className="stack wide">
        {judgement.error !== null && <Failure error={judgement.error} />}
        {judgement.data && <JudgementCard of={judgement.data} product={product} />}
        {given?.document && <About document={given.document} name={given.name} />}
        <Card title={text('document.now')}>
          <div className="pad">
            <p className="small">{text('document.now.about')}</p>
            <ul className="plain-list">
              {catalogue.data.map(({ id, version }) => (
                <li key={id}>
                  {word('product', id)} <code>{version}</code>
                </li>
              ))}
            </ul>
          </div>
        </Card>
      </div>
    </div>
  )
}

const About = ({ document, name }: { document: object; name: string }) => {
  const text = useText()
  const info = member(document, 'info')
  const paths = member(document, 'paths')
  return (
    <Card title={name}>
      <div className="pad">
        <Facts
          rows={[
            [text('document.what'), said(member(info, 'title'))],
            [text('versions.version'), said(member(info, 'version'))],
            [text('document.openapi'), said(member(document, 'openapi'))],
            [
              text('document.paths'),
              String(typeof paths === 'object' && paths ? Object.keys(paths).length : 0),
            ],
          ]}
        />
      </div>
    </Card>
  )
}

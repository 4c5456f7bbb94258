/** A new program: what it may use and how it proves itself. Keys are made here, in the browser, and stay with the reader. */
import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { send } from '../../kit/api.ts'
import { saveFile } from '../../kit/save-file.ts'
import { Choices, faultAt, Field, type Filled, Form, TextArea } from '../../kit/fields.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useWord } from '../../kit/language.tsx'
import { Card, Note } from '../../kit/show.tsx'
import { requestCertificate } from '../keys/certificate-request.ts'
import { makeSigningKey } from '../keys/key-set.ts'
import { fileName } from '../keys/file-name.ts'
import { useText } from '../messages/index.ts'
import { useCell } from '../signed-in.tsx'
import type { Cell } from '../../kit/cell.ts'
import type { Outcome } from '../wire.ts'
import { useOffer } from './front.tsx'

/** How a program proves itself, in the order of how little it asks of the reader. */
const ways = ['certificate', 'own-request', 'key'] as const
type Way = (typeof ways)[number]
const isWay = (text: string): text is Way => ways.some((way) => way === text)

/** What is sent, and what the reader's disk receives once the bank has said yes. */
interface Prepared {
  readonly credentials: object
  readonly save?: (outcome: Outcome) => void
}

const prepare = async (way: Way, cell: Cell, filled: Filled): Promise<Prepared> => {
  const name = filled.one('name')
  if (way === 'own-request')
    return {
      credentials: {
        authentication: 'tls_client_auth',
        senderConstraint: 'mtls',
        csr: filled.one('csr'),
      },
    }
  if (way === 'key') {
    const { jwks, file } = await makeSigningKey()
    return {
      credentials: { authentication: 'private_key_jwt', senderConstraint: 'dpop', jwks },
      save: () => saveFile(fileName(name, cell, 'jwk.json'), file),
    }
  }
  const { csr, privateKey } = await requestCertificate(name)
  return {
    credentials: { authentication: 'tls_client_auth', senderConstraint: 'mtls', csr },
    // In production the certificate comes after two people have said yes; the key must be kept until then.
    save: ({ certificate }) =>
      certificate
        ? saveFile(fileName(name, cell, 'pem'), privateKey + certificate.pem)
        : saveFile(fileName(name, cell, 'key.pem'), privateKey),
  }
}

const applicationOf = (cell: Cell, filled: Filled, credentials: object) => {
  const redirectUris = filled.one('redirectUris').split(/\s+/).filter(Boolean)
  return {
    cell,
    name: filled.one('name'),
    ...credentials,
    redirectUris,
    grantTypes:
      redirectUris.length > 0
        ? ['client_credentials', 'authorization_code', 'refresh_token']
        : ['client_credentials'],
    products: filled.many('products'),
    ...(cell === 'sandbox' && { rehearsal: filled.many('rehearsal').length > 0 }),
  }
}

export const NewApplication = () => {
  const text = useText()
  const word = useWord()
  const cell = useCell()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const offer = useOffer()
  const [way, setWay] = useState<Way>('certificate')
  const create = useMutation({
    mutationFn: async (filled: Filled) => {
      const { credentials, save } = await prepare(way, cell, filled)
      const outcome = await send<Outcome>(
        '/api/applications',
        applicationOf(cell, filled, credentials),
      )
      save?.(outcome)
      return outcome
    },
    onSuccess: ({ application }) => {
      void queries.invalidateQueries({ queryKey: ['applications'] })
      void navigate({ to: `/${cell}/applications/${application.id}`, search: { made: way } })
    },
  })
  return (
    <>
      <Crumbs
        above={{ to: `/${cell}/applications`, name: text('place.applications') }}
        here={text('application.new')}
      />
      <PageHead
        title={text(`applications.new.${cell}`)}
        cell={cell}
        about={text(`application.new.about.${cell}`)}
      />
      <div className="columns">
        <Card>
          <div className="pad">
            <Answer to={offer}>
              {({ data: products }) => (
                <Form
                  label={text('application.new')}
                  busy={create.isPending}
                  error={create.error}
                  onSubmit={(filled) => create.mutate(filled)}
                  acts={
                    <>
                      <button
                        className={`button ${cell === 'production' ? 'production' : 'primary'}`}
                        disabled={create.isPending}
                      >
                        {text(`application.ask.${cell}`)}
                      </button>
                      <Link className="button text" to={`/${cell}/applications`}>
                        {text('act.cancel')}
                      </Link>
                    </>
                  }
                >
                  <Field
                    name="name"
                    label={text('application.name')}
                    hint={text('application.name.hint')}
                    required
                    minLength={2}
                    maxLength={120}
                    fault={faultAt(create.error, '/name')}
                  />
                  <Choices
                    name="products"
                    label={text('application.products')}
                    many
                    chosen={products.slice(0, 1).map((product) => product.id)}
                    options={products.map(({ id }) => ({
                      value: id,
                      label: word('product', id),
                      about: word('product-about', id),
                    }))}
                    fault={faultAt(create.error, '/products')}
                  />
                  <Choices
                    name="way"
                    label={text('application.proof')}
                    boxed
                    chosen={[way]}
                    onChoose={(chosen) => isWay(chosen) && setWay(chosen)}
                    options={ways.map((offered) => ({
                      value: offered,
                      label: text(`way.${offered}`),
                      about: text(`way.${offered}.about`),
                    }))}
                    fault={faultAt(create.error, '/authentication')}
                  />
                  {way === 'own-request' && (
                    <TextArea
                      name="csr"
                      label={text('application.csr')}
                      hint={text('application.csr.hint')}
                      rows={6}
                      code
                      required
                      fault={faultAt(create.error, '/csr')}
                    />
                  )}
                  <TextArea
                    name="redirectUris"
                    label={text('application.redirects')}
                    hint={text(`application.redirects.hint.${cell}`)}
                    rows={2}
                    code
                    fault={faultAt(create.error, '/redirectUris/0')}
                  />
                  {cell === 'sandbox' && (
                    <Choices
                      name="rehearsal"
                      label={text('application.rehearsal.title')}
                      many
                      options={[
                        {
                          value: 'yes',
                          label: text('application.rehearsal'),
                          about: text('application.rehearsal.about'),
                        },
                      ]}
                    />
                  )}
                </Form>
              )}
            </Answer>
          </div>
        </Card>
        <div className="stack">
          <Note>
            <b>{text('application.keys')}</b> {text('application.keys.about')}
          </Note>
          {cell === 'production' && (
            <Note tone="warn">
              <b>{text('mover.bank')}.</b> {text('application.production.about')}
            </Note>
          )}
        </div>
      </div>
    </>
  )
}

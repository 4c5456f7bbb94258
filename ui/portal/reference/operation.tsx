/** One operation or event: what it takes, what it returns, when the answer is no; samples stay in view. */
import { Fragment } from 'react'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { useWindowTitle } from '../../kit/frame.tsx'
import { Icon } from '../../kit/icons.tsx'
import { Rich } from '../../kit/language.tsx'
import { CellChip, Chip, Code } from '../../kit/show.tsx'
import { useText } from '../messages/index.ts'
import { TryIt } from '../try-it/panel.tsx'
import { Method, ReferencePage } from './frame.tsx'
import { NeedsList } from './needs.tsx'
import { useOperation, useReference } from './queries.ts'
import { RefusalTable } from './refusals.tsx'
import { Samples } from './samples.tsx'
import { SchemaTree } from './schema-tree.tsx'
import type { Body, Operation, Parameter } from './wire.ts'

export const OperationPage = () => {
  const { product = '', operation = '' } = useParams({ strict: false })
  const { version } = useSearch({ strict: false })
  const found = useOperation(product, operation, version)
  useWindowTitle(found.data?.summary ?? operation)
  return (
    <Answer to={found}>
      {(model) => (
        <ReferencePage
          key={model.id}
          beside={<Beside product={product} version={version} model={model} />}
        >
          <Head product={product} model={model} version={version} />
          {model.needs && <Takes model={model} />}
          <Request model={model} />
          <Returns model={model} />
          <No model={model} />
        </ReferencePage>
      )}
    </Answer>
  )
}

const Head = (props: { product: string; model: Operation; version: string | undefined }) => {
  const { product, model, version } = props
  const text = useText()
  const title = useReference().data?.find((p) => p.id === product)?.title ?? product
  return (
    <>
      <nav className="crumbs" aria-label={text('reference.crumbs')}>
        <Link to="/reference">{text('public.reference')}</Link>
        <Icon name="chevron" />
        <span lang="en">{title}</span>
        {model.tag !== '' && model.tag !== title && (
          <>
            <Icon name="chevron" />
            <span lang="en">{model.tag}</span>
          </>
        )}
      </nav>
      <div className="reference-head">
        <h1 lang="en">{model.summary}</h1>
        <Version product={product} version={version} />
      </div>
      <p className="path-line">
        <Method of={model} />
        <code>
          <Path path={model.path} />
        </code>
        {model.cells.length === 1 && model.cells[0] === 'sandbox' && <CellChip cell="sandbox" />}
        {model.deprecated && <Chip tone="warn">{text('reference.deprecated')}</Chip>}
      </p>
      {model.description && (
        <p className="reading" lang="en">
          <Rich text={model.description} />
        </p>
      )}
    </>
  )
}

/** An address with its places for values marked, that may break after each slash. */
const Path = ({ path }: { path: string }) =>
  path.split(/(\{\w+\}|\/)/).map((part, at) => (
    <Fragment key={at}>
      {part.startsWith('{') ? <b>{part}</b> : part}
      {part === '/' && <wbr />}
    </Fragment>
  ))

const Version = ({ product, version }: { product: string; version: string | undefined }) => {
  const text = useText()
  const navigate = useNavigate()
  const known = useReference().data?.find((p) => p.id === product)
  if (!known) return null
  return (
    <label className="version">
      {text('reference.version')}
      <select
        value={version ?? known.version}
        onChange={(event) =>
          void navigate({ to: '.', search: { version: event.target.value }, replace: true })
        }
      >
        {known.versions.toReversed().map((day) => (
          <option key={day} value={day}>
            {day === known.version ? text('reference.newest', { version: day }) : day}
          </option>
        ))}
      </select>
    </label>
  )
}

const Takes = ({ model }: { model: Operation }) => {
  const text = useText()
  return (
    model.needs && (
      <section aria-labelledby="takes">
        <h2 id="takes">{text('reference.takes')}</h2>
        <NeedsList operation={model.id} needs={model.needs} />
      </section>
    )
  )
}

const places = ['path', 'query', 'header'] as const

const Request = ({ model }: { model: Operation }) => {
  const text = useText()
  const isEvent = model.method === 'EVT'
  if (model.parameters.length === 0 && !model.body) return null
  return (
    <section aria-labelledby="request">
      <h2 id="request">{text(isEvent ? 'reference.told' : 'reference.request')}</h2>
      {model.parameters.length > 0 && (
        <ul className="tree" lang="en" aria-labelledby="request">
          {places.flatMap((place) =>
            model.parameters
              .filter((parameter) => parameter.in === place)
              .map((parameter) => (
                <ParameterRow key={`${place} ${parameter.node.name}`} parameter={parameter} />
              )),
          )}
        </ul>
      )}
      {model.body && <BodyTree body={model.body} classes={isEvent} />}
    </section>
  )
}

const ParameterRow = ({ parameter: { in: where, node } }: { parameter: Parameter }) => {
  const text = useText()
  const place = places.find((known) => known === where)
  return (
    <li>
      <div className="field-head">
        <code className="field-name">{node.name}</code>
        <span className="field-type">{node.type}</span>
        {place && <span className="field-type">{text(`reference.${place}`)}</span>}
        {node.required && <span className="field-type required">{text('reference.required')}</span>}
      </div>
      {node.about && (
        <p>
          <Rich text={node.about} />
        </p>
      )}
      {(node.rules.length > 0 || node.values) && (
        <p className="field-facts">
          {node.values?.map((value) => (
            <code key={value}>{value}</code>
          ))}
          {node.rules.map((rule) => (
            <span key={rule}>{rule}</span>
          ))}
        </p>
      )}
    </li>
  )
}

const BodyTree = ({ body, classes }: { body: Body; classes: boolean }) => (
  <>
    <p className="small dim media">
      <code>{body.media}</code>
    </p>
    <SchemaTree node={body.node} classes={classes} name={body.media} />
  </>
)

const Returns = ({ model }: { model: Operation }) => {
  const text = useText()
  if (model.method === 'EVT') return null
  return (
    <section aria-labelledby="returns">
      <h2 id="returns">{text('reference.returns')}</h2>
      {model.answers.map((answer) => (
        <Fragment key={answer.status}>
          <p className="answer-head">
            <Chip tone="good" icon={null}>
              {answer.status}
            </Chip>
            <span lang="en">{answer.about}</span>
          </p>
          {answer.bodies.map((body) => (
            <BodyTree key={body.media} body={body} classes />
          ))}
        </Fragment>
      ))}
    </section>
  )
}

const No = ({ model }: { model: Operation }) => {
  const text = useText()
  if (model.refusals.length === 0) return null
  const own = model.refusals.filter((refusal) => !refusal.common)
  const common = model.refusals.filter((refusal) => refusal.common)
  return (
    <section aria-labelledby="no">
      <h2 id="no">{text('reference.no')}</h2>
      <p>{text('reference.no.about')}</p>
      {own.length > 0 && <RefusalTable refusals={own} caption={text('reference.no')} />}
      {common.length > 0 && (
        <details className="common" open={own.length === 0}>
          <summary>{text('reference.no.common', { count: common.length })}</summary>
          <RefusalTable refusals={common} caption={text('reference.no')} />
        </details>
      )}
    </section>
  )
}

const Beside = (props: { product: string; version: string | undefined; model: Operation }) => {
  const { product, version, model } = props
  const text = useText()
  const example =
    model.answers.flatMap((answer) => answer.bodies).find((body) => body.example)?.example ??
    (model.method === 'EVT' ? model.body?.example : undefined)
  return (
    <>
      {model.samples && (
        <>
          <Samples samples={model.samples} />
          <p className="tiny dim">
            <Rich text={text('reference.samples.about')} />
          </p>
        </>
      )}
      {model.needs && model.method !== 'EVT' && (
        <TryIt product={product} version={version} operation={model} />
      )}
      {model.scenarios.length > 0 && (
        <section className="scenarios" aria-labelledby="scenarios">
          <h2 id="scenarios">
            <Icon name="sandbox" />
            {text('reference.scenarios')}
          </h2>
          <p className="small">
            <Rich text={text('reference.scenarios.about')} />
          </p>
          <p className="words">
            {model.scenarios.map((scenario) => (
              <code key={scenario}>{scenario}</code>
            ))}
          </p>
        </section>
      )}
      {example && <Code title={text('reference.example')} value={example} />}
    </>
  )
}

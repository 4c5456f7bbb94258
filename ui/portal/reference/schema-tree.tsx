/** A body as a tree: one row for each member, with its class and what lets it leave the bank. */
import { useState } from 'react'
import { Icon } from '../../kit/icons.tsx'
import { Rich } from '../../kit/language.tsx'
import { useText } from '../messages/index.ts'
import type { SchemaNode } from './wire.ts'

/** Deeper rows open when asked for: what one came for is seldom five levels down. */
const OPEN_DEPTH = 2

/** Rows of all members; with `classes` for what the bank releases, without for what the partner sends. */
export const SchemaTree = (props: { node: SchemaNode; classes: boolean; name: string }) => (
  <ul className="tree" lang="en" aria-label={props.name}>
    <Inside node={props.node} depth={0} classes={props.classes} />
  </ul>
)

const Inside = ({
  node,
  depth,
  classes,
}: {
  node: SchemaNode
  depth: number
  classes: boolean
}) => {
  const text = useText()
  return (
    <>
      {node.members?.map((member) => (
        <Row key={member.name} node={member} depth={depth} classes={classes} />
      ))}
      {node.choices?.map((choice) => (
        <li key={choice.title} className="choice">
          <p className="tiny dim">{text('reference.one-of')}</p>
          <h3>{choice.title}</h3>
          <ul>
            {choice.members.map((member) => (
              <Row key={member.name} node={member} depth={depth + 1} classes={classes} />
            ))}
          </ul>
        </li>
      ))}
      {!node.members && !node.choices && <Row node={node} depth={depth} classes={classes} />}
    </>
  )
}

const Row = ({ node, depth, classes }: { node: SchemaNode; depth: number; classes: boolean }) => {
  const text = useText()
  const hasInside = Boolean(node.members ?? node.choices)
  const [open, setOpen] = useState(depth < OPEN_DEPTH)
  return (
    <li>
      <div className="field-head">
        {node.name !== '' && <code className="field-name">{node.name}</code>}
        <span className="field-type">{node.type}</span>
        {node.required && node.name !== '' && !classes && (
          <span className="field-type required">{text('reference.required')}</span>
        )}
        {node.deprecated && <span className="chip warn">{text('reference.deprecated')}</span>}
        {hasInside && (
          <button
            type="button"
            className="open"
            aria-expanded={open}
            aria-label={text(open ? 'reference.close' : 'reference.open', { name: node.name })}
            onClick={() => setOpen(!open)}
          >
            <Icon name="chevron" />
          </button>
        )}
        {classes && <Release node={node} />}
      </div>
      <About node={node} classes={classes} />
      {hasInside && open && (
        <ul>
          <Inside node={node} depth={depth + 1} classes={classes} />
        </ul>
      )}
    </li>
  )
}

const About = ({ node, classes }: { node: SchemaNode; classes: boolean }) => {
  const text = useText()
  const facts = [
    ...node.rules,
    ...(node.again === undefined ? [] : [text('reference.repeats', { name: node.again })]),
  ]
  const permissions = classes ? (node.permissions ?? []) : []
  return (
    <>
      {node.about && (
        <p>
          <Rich text={node.about} />
        </p>
      )}
      {(facts.length > 0 || permissions.length > 0 || node.values) && (
        <p className="field-facts">
          {node.values?.map((value) => (
            <code key={value}>{value}</code>
          ))}
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
          {permissions.map((permission) => (
            <code key={permission} className="permission">
              {permission}
            </code>
          ))}
        </p>
      )}
      {classes && node.release && <Rules node={node} />}
    </>
  )
}

/** The data class, and in one word how the member leaves. */
const Release = ({ node }: { node: SchemaNode }) => {
  const text = useText()
  if (node.dataClass === undefined) return null
  const known = ['public', 'personal', 'financial', 'card', 'secret'] as const
  const dataClass = known.find((name) => name === node.dataClass)
  return (
    <span className="field-end">
      <span className={`data-class ${node.dataClass}`}>
        {dataClass ? text(`data-class.${dataClass}`) : node.dataClass}
      </span>
      <span className={node.release ? 'verdict warn' : 'verdict good'}>
        <Icon name={node.release ? 'scan' : 'eye'} />
        {text(node.release ? 'reference.by-rule' : 'reference.released')}
      </span>
    </span>
  )
}

const ruleNames = ['release', 'mask', 'truncate', 'tokenise', 'drop'] as const

/** The first rule that fits decides; where none fits, nothing leaves. */
const Rules = ({ node }: { node: SchemaNode }) => {
  const text = useText()
  const rules = node.release ?? []
  const isOpen = rules.at(-1)?.when.length === 0
  return (
    <ol className="rules">
      {rules.map((rule, at) => {
        const name = ruleNames.find((known) => known === rule.action)
        return (
          <li key={at}>
            {name ? text(`reference.rule.${name}`, { form: rule.form ?? '' }) : rule.action}{' '}
            {rule.when.map((condition) => (
              <span key={condition.of}>
                <Rich
                  text={text('reference.rule.when', {
                    any: condition.any.map((word) => `\`${word}\``).join(', '),
                  })}
                />{' '}
              </span>
            ))}
          </li>
        )
      })}
      {!isOpen && <li>{text('reference.otherwise')}</li>}
    </ol>
  )
}

/** `portico explain`: every gate of a call with its verdict, for the operator at the terminal. */
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { ApplicationId, applicationNotFound } from '#control/partners/index.ts'
import {
  CallExplanation,
  explainCall,
  explainPast,
  momentOf,
  PastExplanation,
} from '#control/publication/index.ts'
import { controlAddress } from './installation.ts'

const fieldSigns: Readonly<Record<string, string>> = { drop: '✗', 'at-call': '·' }
const signs: Readonly<Record<string, string>> = { open: '✓', missing: '✗' }

/** Prints the gates; 1 when one that can be judged beforehand is missing. */
export const explainOnTerminal = async (
  world: ProcessWorld,
  asked: {
    application: string
    operation: string
    consent?: string[] | undefined
    /** A moment that has passed. */
    at?: Temporal.Instant | undefined
    json: boolean
  },
): Promise<number> => {
  const application = ApplicationId.safeParse(asked.application)
  if (!application.success)
    throw applicationNotFound(`${asked.application} is not an application id`)
  const db = openPostgres(controlAddress(world), { name: 'explain', max: 1 })
  try {
    if (asked.at) {
      const { operation, at, json } = asked
      const past = await explainPast(db, { application: application.data, operation, at })
      process.stdout.write(
        json ? `${JSON.stringify(z.encode(PastExplanation, past))}\n` : pastText(past),
      )
      return past.allowed ? 0 : 1
    }
    const explained = await explainCall(
      db,
      { application: application.data, operation: asked.operation, consent: asked.consent },
      momentOf(world),
    )
    const lines = explained.gates.map(
      ({ gate, verdict, detail, giver }) =>
        `  ${signs[verdict] ?? '·'} ${gate.padEnd(12)} ${detail}${giver ? `  (the ${giver} can give it)` : ''}`,
    )
    const fields = explained.fields.map(
      ({ field, dataClass, action, detail }) =>
        `  ${fieldSigns[action] ?? '✓'} ${action.padEnd(8)} ${field}  (${dataClass}: ${detail})`,
    )
    process.stdout.write(
      asked.json
        ? `${JSON.stringify(z.encode(CallExplanation, explained))}\n`
        : `${explained.operation} in ${explained.cell}, by ${explained.permission}\n${lines.join('\n')}\nfields of the answer\n${fields.join('\n')}\n`,
    )
    return explained.open ? 0 : 1
  } finally {
    await db.close()
  }
}

type CallOfPast = NonNullable<PastExplanation['call']>

const pastText = (past: PastExplanation): string => {
  const { at, operation, cell, snapshot, permissions, matrix, refusal, contract } = past
  return [
    `${operation} in ${cell} at ${at.toString()}: ${refusal ? `refused, ${refusal.code} (${refusal.detail})` : 'allowed'}`,
    `  snapshot    epoch ${snapshot.epoch} of ${snapshot.compiledAt.toString()}, SHA-256 ${snapshot.sha256}`,
    `  permissions ${permissions ? `as since ${permissions.since.toString()} (epoch ${permissions.epoch}), SHA-256 ${permissions.sha256}` : 'none were published'}`,
    `  matrix      ${matrix || 'none'}`,
    `  contract    ${contract ? `${contract.id}, ${contract.tier}, prices ${contract.priceVersion}` : 'none'}`,
    ...(past.call ? [callText(past.call)] : []),
    ...Object.entries(past.verdicts).map(
      ([permission, verdict]) => `  ${permission}  ${JSON.stringify(verdict)}`,
    ),
    '',
  ].join('\n')
}

const callText = ({ callId, at, status, code, snapshot, agrees }: CallOfPast): string =>
  `  call        ${callId} at ${at.toString()} was answered ${status}${code ? ` ${code}` : ''} by epoch ${snapshot.epoch}, SHA-256 ${snapshot.sha256 ?? 'not kept'} (${agrees ? 'as published' : 'NOT the published one'})`

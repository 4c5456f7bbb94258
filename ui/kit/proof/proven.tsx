/** What the reader's own browser says of a line, and who stands for the journal that holds it. */
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../answer.tsx'
import { useFormat, useTextOf } from '../language.tsx'
import type { en as kitEn } from '../messages/en.ts'
import { Card, Copyable, Empty, Facts, Note, shortHash, Verdict } from '../show.tsx'
import { read } from '../api.ts'
import { checkLine, leadsToBatch, type ProvenCall, type ProvenText } from './check.ts'
import type { en } from './messages/en.ts'

const useProofText = () => useTextOf<typeof en & typeof kitEn>()

export interface LogState {
  readonly vkey: string
  readonly size: number
  readonly root: string
  readonly checkpoint: string
  readonly witnessed: {
    readonly size: number
    readonly witnesses: readonly { readonly name: string; readonly at: string }[]
  } | null
}

export const useLog = () =>
  useQuery({
    queryKey: ['journal', 'log'],
    queryFn: async () => (await read<{ log: LogState | null }>('/api/journal/log')).log,
  })

/** The newest checkpoint, the key that signed it, and which witnesses have co-signed. */
export const LogCard = () => {
  const text = useProofText()
  const log = useLog()
  return (
    <Card title={text('proof.log')}>
      <Answer to={log} lines={3}>
        {(state) =>
          state === null ? <Empty title={text('proof.unsigned')} /> : <Standing log={state} />
        }
      </Answer>
    </Card>
  )
}

const Standing = ({ log }: { log: LogState }) => {
  const text = useProofText()
  const format = useFormat()
  const { witnessed } = log
  return (
    <Facts
      rows={[
        [text('proof.size'), format.number(log.size)],
        [
          text('proof.root'),
          <Copyable
            key="root"
            value={log.root}
            shown={shortHash(log.root)}
            what={text('proof.root')}
          />,
        ],
        [
          text('proof.key'),
          <Copyable
            key="key"
            value={log.vkey}
            shown={shortHash(log.vkey)}
            what={text('proof.key')}
          />,
        ],
        [
          text('proof.witnesses'),
          witnessed && witnessed.witnesses.length > 0 ? (
            witnessed.witnesses.map(({ name, at }) => (
              <div key={name}>
                {shortHash(name)}
                <small>
                  {text('proof.witnessed', {
                    size: format.number(witnessed.size),
                    when: format.momentOf(at),
                  })}
                </small>
              </div>
            ))
          ) : (
            <Verdict key="none" tone="warn">
              {text('proof.no-witness')}
            </Verdict>
          ),
        ],
      ]}
    />
  )
}

export interface MaybeProven {
  readonly checkpoint: string | null
  readonly line: {
    readonly seq: string
    readonly body: string
    readonly proof: readonly string[] | null
  }
  readonly call?: ProvenCall
}

/** Checks a line here and now, and says what came of it. */
export const Proven = ({ of: { checkpoint, line, call } }: { of: MaybeProven }) => {
  const text = useProofText()
  const log = useLog()
  if (checkpoint === null || line.proof === null)
    return <Note tone="info">{text('proof.later')}</Note>
  return (
    <Answer to={log} lines={2}>
      {(state) =>
        state && (
          <Checked
            given={{ ...line, proof: line.proof ?? [], checkpoint, vkey: state.vkey }}
            call={call}
          />
        )
      }
    </Answer>
  )
}

const Checked = ({ given, call }: { given: ProvenText; call: ProvenCall | undefined }) => {
  const text = useProofText()
  const checked = useQuery({
    queryKey: ['proof', given.seq, given.checkpoint, call?.text],
    queryFn: async () => ({
      ...(await checkLine(given)),
      batch: call ? await leadsToBatch(call, given.body) : null,
    }),
    staleTime: Infinity,
  })
  return (
    <Answer to={checked} lines={2}>
      {({ leads, signed, batch }) => (
        <div className="pad stack" role="status">
          {batch !== null && (
            <Verdict tone={batch ? 'good' : 'bad'}>
              {text(batch ? 'proof.batch' : 'proof.no-batch')}
            </Verdict>
          )}
          <Verdict tone={leads ? 'good' : 'bad'}>
            {text(leads ? 'proof.leads' : 'proof.misleads')}
          </Verdict>
          <Verdict tone={signed === null ? 'warn' : signed ? 'good' : 'bad'}>
            {text(signed === null ? 'proof.unchecked' : signed ? 'proof.signed' : 'proof.forged')}
          </Verdict>
          <p className="hint">{text('proof.here', { count: given.proof.length })}</p>
        </div>
      )}
    </Answer>
  )
}

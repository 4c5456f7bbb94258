/** One contract: its text, its prices, and the signature that is bound to its hash. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Answer } from '../../kit/answer.tsx'
import { read } from '../../kit/api.ts'
import { Clauses, contractText, Prices } from '../../kit/contract.tsx'
import { ContractTerms, RuleHistory } from '../../kit/contract-terms/contract-terms.tsx'
import { Signatures } from '../../kit/contract-terms/signatures.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat, useWord } from '../../kit/language.tsx'
import { useMe } from '../../kit/session.ts'
import { Facts, Note, shortHash, shortId, State } from '../../kit/show.tsx'
import { Tiles } from '../../kit/tiles.tsx'
import { useText } from '../messages/index.ts'
import { ContractPreview } from '../money/contract-preview.tsx'
import { Sign } from '../signing/sign.tsx'
import type { Contract, Me } from '../wire.ts'

interface Read {
  readonly contract: Contract
  /** Whether this bank accepts a national e-signature. */
  readonly eSignature: boolean
}

export const ContractPage = () => {
  const text = useText()
  const { id = '' } = useParams({ strict: false })
  const contract = useQuery({
    queryKey: ['contracts', id],
    queryFn: () => read<Read>(`/api/contracts/${id}`),
  })
  const found = contract.data?.contract
  return (
    <>
      <Crumbs
        above={{ to: '/production/contracts', name: text('place.contracts') }}
        here={shortId(id)}
      />
      <PageHead
        title={found?.status === 'offered' ? text('contract.ready') : text('contract.agreement')}
        about={found && text('contract.lead', { tier: found.tier, version: found.priceVersion })}
        acts={found && <State of={found.status} />}
      />
      <Answer to={contract}>{(known) => <Whole {...known} />}</Answer>
    </>
  )
}

const Whole = ({ contract, eSignature }: Read) => {
  const me = useMe<Me>().data?.person
  const text = contractText(contract.document)
  return (
    <div className="columns">
      <div className="stack wide">
        {contract.status === 'offered' && <ContractPreview id={contract.id} />}
        <ContractTerms id={contract.id} validFrom={contract.validFrom} />
        <Clauses text={text} sha256={contract.documentSha256} />
        <Prices text={text} />
        <Signatures
          contract={contract}
          nameOf={(signer) => (signer === me?.id ? me.name : undefined)}
        />
        <RuleHistory address="/api/contract-rules" />
      </div>
      <Signature contract={contract} eSignature={eSignature} />
    </div>
  )
}

const Signature = ({ contract, eSignature }: Read) => {
  const text = useText()
  const word = useWord()
  const format = useFormat()
  const me = useMe<Me>().data
  return (
    <section className="card signature" aria-labelledby="signature-title">
      <Tiles columns={8} rows={2} />
      <div className="pad">
        <h2 id="signature-title">
          {text('signature.title', { organisation: me?.partner.organisation ?? '' })}
        </h2>
        <div className="stack">
          <Facts
            rows={[
              me
                ? [
                    text('signature.you'),
                    me.person.roles.includes('signatory')
                      ? `${me.person.name}, ${word('role', 'signatory')}`
                      : me.person.name,
                  ]
                : null,
              [
                text('signature.hash'),
                <>
                  {text('signature.text')}{' '}
                  <code title={contract.documentSha256}>{shortHash(contract.documentSha256)}</code>
                </>,
              ],
              contract.signedAt
                ? [text('signature.signed'), format.momentOf(contract.signedAt)]
                : null,
              contract.activeFrom
                ? [text('signature.countersigned'), format.momentOf(contract.activeFrom)]
                : null,
            ]}
          />
          {contract.status === 'offered' &&
            (me?.person.roles.includes('signatory') ? (
              <Sign contract={contract} eSignature={eSignature} />
            ) : (
              <Note>{text('signature.signatory')}</Note>
            ))}
          {contract.status === 'signed' && (
            <Note tone="warn">
              <b>{text('mover.bank')}.</b> {text('signature.waits')}
            </Note>
          )}
        </div>
      </div>
    </section>
  )
}

/** One contract as the bank reads it, with the countersignature that puts it in force. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Answer, Failure } from '../../kit/answer.tsx'
import { read, send } from '../../kit/api.ts'
import { Clauses, contractText, Prices } from '../../kit/contract.tsx'
import { ContractTerms, RuleHistory } from '../../kit/contract-terms/contract-terms.tsx'
import { Crumbs, PageHead } from '../../kit/frame.tsx'
import { useFormat } from '../../kit/language.tsx'
import { signatureOver } from '../../kit/passkey.ts'
import { Card, Facts, Note, shortId, State } from '../../kit/show.tsx'
import { Amend } from '../contracts/amend.tsx'
import { SignaturesForPurpose } from '../contracts/signatures.tsx'
import { useText } from '../messages/index.ts'
import { useNames } from '../queries.ts'
import { useStaffMember } from '../signed-in.tsx'
import type { Contract } from '../wire.ts'

export const ContractPage = () => {
  const text = useText()
  const names = useNames()
  const { id = '' } = useParams({ strict: false })
  const contract = useQuery({
    queryKey: ['contracts', id],
    queryFn: async () => (await read<{ contract: Contract }>(`/api/contracts/${id}`)).contract,
  })
  const found = contract.data
  return (
    <>
      <Crumbs above={{ to: '/contracts', name: text('place.contracts') }} here={shortId(id)} />
      <PageHead
        title={found ? (names.partner(found.partnerId) ?? found.partnerId) : text('contract.one')}
        about={found && text('contract.lead', { tier: found.tier, version: found.priceVersion })}
        acts={found && <State of={found.status} />}
      />
      <Answer to={contract}>{(known) => <Whole contract={known} />}</Answer>
    </>
  )
}

const Whole = ({ contract }: { contract: Contract }) => {
  const text = useText()
  const format = useFormat()
  const names = useNames()
  const document = contractText(contract.document)
  return (
    <div className="columns">
      <div className="stack wide">
        <ContractTerms id={contract.id} validFrom={contract.validFrom} />
        <Clauses text={document} sha256={contract.documentSha256} />
        <Prices text={document} />
        <Amend contract={contract} />
        <SignaturesForPurpose contract={contract} />
        <RuleHistory address={`/api/partners/${contract.partnerId}/contract-rules`} />
      </div>
      <div className="stack">
        <Card title={text('contract.hands')}>
          <div className="pad stack">
            <Facts
              rows={[
                [
                  text('partner.one'),
                  <Link to="/partners/$id" params={{ id: contract.partnerId }}>
                    {names.partner(contract.partnerId) ?? contract.partnerId}
                  </Link>,
                ],
                [text('contract.offered'), format.momentOf(contract.offeredAt)],
                [
                  text('contract.signed'),
                  contract.signedAt ? format.momentOf(contract.signedAt) : text('contract.not-yet'),
                ],
                [
                  text('contract.countersigned'),
                  contract.activeFrom
                    ? format.momentOf(contract.activeFrom)
                    : text('contract.not-yet'),
                ],
              ]}
            />
            {contract.status === 'signed' && <Countersign contract={contract} />}
          </div>
        </Card>
      </div>
    </div>
  )
}

const Countersign = ({ contract }: { contract: Contract }) => {
  const text = useText()
  const me = useStaffMember()
  const queries = useQueryClient()
  const countersign = useMutation({
    mutationFn: async () =>
      send(`/api/contracts/${contract.id}/countersignature`, {
        documentSha256: contract.documentSha256,
        ...(await signatureOver(contract.documentSha256)),
      }),
    onSuccess: () => queries.invalidateQueries(),
  })
  if (!me?.roles.some((role) => role === 'partner-success' || role === 'head-of-platform'))
    return <Note>{text('contract.countersigners')}</Note>
  return (
    <>
      <Note>{text('contract.effect')}</Note>
      {countersign.error && <Failure error={countersign.error} />}
      <button
        type="button"
        className="button production full"
        disabled={countersign.isPending}
        onClick={() => countersign.mutate()}
      >
        {text('contract.countersign')}
      </button>
    </>
  )
}

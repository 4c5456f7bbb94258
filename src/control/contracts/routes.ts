import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { ChangeView, viewOfChange } from '#control/approvals/index.ts'
import {
  asWork,
  type ControlContext,
  partnerOf,
  type Server,
  staffOf,
} from '#control/http/context.ts'
import { evidenceOfSigning } from '#control/http/signing.ts'
import { PartnerId } from '#control/partners/index.ts'
import {
  Contract,
  ContractId,
  contractNotFound,
  countersignContract,
  Early,
  findContract,
  freezeContract,
  listContracts,
  Notices,
  Promised,
  proposeEnd,
  proposeOffer,
  proposeThaw,
  signContract,
  Support,
  statusAt,
  waitsFor,
  Withheld,
} from './index.ts'
import { eSignaturesBy, takesESignatures } from './e-signature.ts'
import {
  askPasskey,
  eSigned,
  keepSignature,
  listSignatures,
  SeenSignature,
  seenBy,
  Signature,
  Signing,
} from './signature.ts'
import { termsConsoleRoutes, termsPortalRoutes } from './terms-routes.ts'

const tags = ['contracts']
const PAGE = 100

const ContractView = Contract.extend({
  /** The text that both sides sign: `documentSha256` is the SHA-256 of its canonical form (RFC 8785). */
  document: z.looseObject({ format: z.string() }),
  offeredAt: Instant,
  signedAt: Instant.nullable(),
  activeFrom: Instant.nullable(),
  endsAt: Instant.nullable(),
  validFrom: Instant.nullable(),
  /** Whose move it is; null where it is nobody's. */
  waitsFor: z.enum(['partner', 'bank']).nullable(),
})
/** The partner reads its own names; who of the bank signed stays with the bank. */
const OwnContractView = ContractView.omit({ countersignedBy: true })

const viewOf = (contract: Contract, now: Temporal.Instant): z.output<typeof ContractView> => {
  const status = statusAt(contract, now)
  const open = status === 'offered' || status === 'signed' || status === 'frozen'
  return {
    ...contract,
    status,
    document: ContractView.shape.document.parse(JSON.parse(contract.document)),
    waitsFor: open ? waitsFor(contract) : null,
  }
}

const One = z.object({ id: ContractId })
const SignatureView = Signature.extend({ signedAt: Instant })
/** Of a colleague's e-signature the personal number is masked, and the PKCS#7 that holds it is left out. */
const SeenSignatureView = SeenSignature.extend({ signedAt: Instant })

export const portalRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const trusted = {
    roots: world.settings.PORTICO_E_SIGNATURE_ROOTS,
    revocations: world.settings.PORTICO_E_SIGNATURE_REVOCATIONS,
  }
  const eSignatures = eSignaturesBy(trusted)
  termsPortalRoutes(server, context)

  server.get(
    '/api/contracts',
    {
      schema: {
        tags,
        operationId: 'listOwnContracts',
        summary: 'Agreements with the bank, newest first, with text, limits and prices',
        response: { 200: z.object({ data: z.array(OwnContractView) }) },
      },
    },
    async (request) => {
      const { partnerId } = partnerOf(request)
      const contracts = await listContracts(db, { partnerId }, PAGE)
      return { data: contracts.map((c) => viewOf(c, world.now())) }
    },
  )

  server.get(
    '/api/contracts/:id',
    {
      schema: {
        tags,
        operationId: 'getOwnContract',
        summary: 'An agreement with the bank',
        params: One,
        response: {
          200: z.object({
            contract: OwnContractView,
            eSignature: z.boolean().describe('Whether this bank accepts a national e-signature'),
          }),
        },
      },
    },
    async (request) => {
      const contract = await findContract(db, request.params.id)
      if (contract?.partnerId !== partnerOf(request).partnerId)
        throw contractNotFound('no contract has this id')
      const eSignature = takesESignatures(trusted)
      return { contract: viewOf(contract, world.now()), eSignature }
    },
  )

  server.post(
    '/api/contracts/:id/signature',
    {
      config: { roles: ['signatory'], proof: 'fresh' },
      schema: {
        tags,
        operationId: 'signContract',
        summary: 'Sign for the organisation, by the hash of the text that was read',
        params: One,
        body: Signing,
        response: { 200: z.object({ contract: OwnContractView }) },
      },
    },
    async (request) => {
      const own = { partnerId: partnerOf(request).partnerId, id: request.params.id }
      const signedIn = partnerOf(request)
      const { documentSha256 } = request.body
      const contract = await asWork(context, request, async (work) => {
        const signed = await signContract(work, own, documentSha256)
        const { pkcs7 } = request.body
        if (pkcs7 === undefined) await askPasskey(work, signedIn.session.holder, request.body)
        const evidence =
          pkcs7 === undefined
            ? await evidenceOfSigning(context, work, 'portal', signedIn, request.body)
            : await eSigned(work, eSignatures, own.partnerId, { documentSha256, pkcs7 })
        const side = 'partner' as const
        await keepSignature(work, { contractId: signed.id, side, documentSha256, evidence })
        return signed
      })
      return { contract: viewOf(contract, world.now()) }
    },
  )

  server.get(
    '/api/contracts/:id/signatures',
    {
      schema: {
        tags,
        operationId: 'listOwnSignatures',
        summary: 'How we signed: by passkey, what anybody can check without the bank',
        params: One,
        response: { 200: z.object({ data: z.array(SeenSignatureView) }) },
      },
    },
    async (request) => {
      const { partnerId, personId } = partnerOf(request)
      const contract = await findContract(db, request.params.id)
      if (contract?.partnerId !== partnerId) throw contractNotFound('no contract has this id')
      const signatures = await listSignatures(db, contract.id)
      return {
        data: signatures
          .filter(({ side }) => side === 'partner')
          .map((signature) => seenBy(signature, personId)),
      }
    },
  )
}

const Reason = z.string().trim().min(1).max(1_000)
const Proposed = z.object({ change: ChangeView })

export const consoleRoutes = (server: Server, context: ControlContext): void => {
  const { db, world } = context
  const sellers = ['partner-success', 'head-of-platform'] as const
  termsConsoleRoutes(server, context)

  server.get(
    '/api/contracts',
    {
      schema: {
        tags,
        operationId: 'listContracts',
        summary: 'Agreements with all partners, newest first',
        querystring: z.object({
          partner: PartnerId.optional(),
          status: Contract.shape.status.optional(),
          before: ContractId.optional(),
        }),
        response: { 200: z.object({ data: z.array(ContractView), next: ContractId.nullable() }) },
      },
    },
    async (request) => {
      const { partner, status, before } = request.query
      const contracts = await listContracts(db, { partnerId: partner, status, before }, PAGE)
      const next = contracts.length === PAGE ? (contracts.at(-1)?.id ?? null) : null
      return { data: contracts.map((c) => viewOf(c, world.now())), next }
    },
  )

  server.get(
    '/api/contracts/:id',
    {
      schema: {
        tags,
        operationId: 'getContract',
        summary: 'An agreement with a partner, with the text that both sides sign',
        params: One,
        response: { 200: z.object({ contract: ContractView }) },
      },
    },
    async (request) => {
      const contract = await findContract(db, request.params.id)
      if (!contract) throw contractNotFound('no contract has this id')
      return { contract: viewOf(contract, world.now()) }
    },
  )

  server.post(
    '/api/contracts',
    {
      config: { roles: sellers },
      schema: {
        tags,
        operationId: 'offerContract',
        summary: 'Propose a contract; once a second person agrees to its text it is offered',
        body: z.strictObject({
          partnerId: PartnerId,
          tier: z.string(),
          products: z.array(z.string()).min(1).max(20),
          priceVersion: z.string(),
          signatures: z.literal('required').optional(),
          /** Fields that answers leave out, by operation, as the field report names them. */
          withheld: Withheld.optional(),
          /** What is promised of these products; each at most once. */
          levels: z.array(Promised).max(20).optional(),
          /** How long ahead things are told; without it what the tier promises. */
          notices: Notices.optional(),
          /** How soon the bank first answers; without it what the tier promises. */
          support: Support.optional(),
          /** From when it rules; without it from the countersignature. */
          validFrom: Instant.optional(),
          /** Why higher prices may come sooner than the contract that rules promises. */
          early: Early.exclude(['breach']).optional(),
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeOffer(work, request.body, world.settings.PORTICO_BANK_NAME),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/contracts/:id/countersignature',
    {
      config: { roles: sellers, proof: 'fresh' },
      schema: {
        tags,
        operationId: 'countersignContract',
        summary: 'Sign for the bank what the partner has signed: it is in force',
        params: One,
        body: Signing.omit({ pkcs7: true }),
        response: { 200: z.object({ contract: ContractView }) },
      },
    },
    async (request) => {
      const signedIn = staffOf(request)
      const { documentSha256 } = request.body
      const contract = await asWork(context, request, async (work) => {
        const signed = await countersignContract(work, request.params.id, documentSha256)
        await askPasskey(work, signedIn.session.holder, request.body)
        const evidence = await evidenceOfSigning(context, work, 'console', signedIn, request.body)
        const side = 'bank' as const
        await keepSignature(work, { contractId: signed.id, side, documentSha256, evidence })
        return signed
      })
      return { contract: viewOf(contract, world.now()) }
    },
  )

  server.get(
    '/api/contracts/:id/signatures',
    {
      config: {
        roles: ['auditor', 'compliance', 'head-of-platform', 'partner-success', 'finance'],
        purpose: async ({ params }) => {
          const contract = await findContract(db, One.parse(params).id)
          if (!contract) throw contractNotFound('no contract has this id')
          return contract.partnerId
        },
      },
      schema: {
        tags,
        operationId: 'listSignatures',
        summary: 'How both sides signed, with the evidence: for a purpose, which the journal keeps',
        params: One,
        response: { 200: z.object({ data: z.array(SignatureView) }) },
      },
    },
    async (request) => ({ data: await listSignatures(db, request.params.id) }),
  )

  server.post(
    '/api/contracts/:id/freeze',
    {
      config: { roles: ['partner-success', 'head-of-platform', 'compliance', 'finance'] },
      schema: {
        tags,
        operationId: 'freezeContract',
        summary: 'Stop what a contract opens, at once',
        params: One,
        body: z.strictObject({ reason: Reason }),
        response: { 200: z.object({ contract: ContractView }) },
      },
    },
    async (request) => {
      const contract = await asWork(context, request, (work) =>
        freezeContract(work, request.params.id, request.body.reason),
      )
      return { contract: viewOf(contract, world.now()) }
    },
  )

  server.post(
    '/api/contracts/:id/thaw',
    {
      config: { roles: sellers },
      schema: {
        tags,
        operationId: 'thawContract',
        summary: 'Propose to let a frozen contract go on',
        params: One,
        body: z.strictObject({ reason: Reason }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const change = await asWork(context, request, (work) =>
        proposeThaw(work, request.params.id, request.body.reason),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )

  server.post(
    '/api/contracts/:id/end',
    {
      config: { roles: sellers },
      schema: {
        tags,
        operationId: 'endContract',
        summary: 'Propose an end; it comes by itself at its instant',
        params: One,
        body: z.strictObject({
          endsAt: Instant,
          reason: Reason,
          /** Why it may come sooner than the contract promises. */
          early: Early.optional(),
        }),
        response: { 202: Proposed },
      },
    },
    async (request, reply) => {
      const { endsAt, reason, early } = request.body
      const change = await asWork(context, request, (work) =>
        proposeEnd(work, request.params.id, endsAt, reason, early),
      )
      return reply.code(202).send({ change: viewOfChange(change, world.now()) })
    },
  )
}

import { useQuery } from '@tanstack/react-query'
import { query, read } from '../../kit/api.ts'
import type { List } from '../wire.ts'
import type {
  Budgets,
  Dispute,
  Invoice,
  JudgedLevel,
  Mandates,
  Outlook,
  Prepaid,
  Preview,
  Statement,
  WholeInvoice,
} from './wire.ts'

export const useInvoices = () =>
  useQuery({
    queryKey: ['invoices', 'list'],
    queryFn: () => read<List<Invoice>>('/api/invoices'),
  })

export const useInvoice = (id: string) =>
  useQuery({
    queryKey: ['invoices', id],
    queryFn: () => read<WholeInvoice>(`/api/invoices/${id}`),
  })

export const useDisputes = () =>
  useQuery({
    queryKey: ['invoices', 'disputes'],
    queryFn: () => read<List<Dispute>>('/api/disputes'),
  })

export const useStatement = () =>
  useQuery({
    queryKey: ['invoices', 'statement'],
    queryFn: () => read<Statement>('/api/statement'),
  })

export const useOutlook = () =>
  useQuery({ queryKey: ['outlook'], queryFn: () => read<Outlook>('/api/outlook') })

export const useMonthSoFar = () =>
  useQuery({
    queryKey: ['invoices', 'preview'],
    queryFn: () => read<Preview>('/api/invoices/preview'),
  })

export const usePrepaid = () =>
  useQuery({ queryKey: ['prepaid'], queryFn: () => read<List<Prepaid>>('/api/prepaid-credits') })

export const useMandates = () =>
  useQuery({ queryKey: ['mandates'], queryFn: () => read<Mandates>('/api/mandates') })

export const useBudgets = () =>
  useQuery({ queryKey: ['budgets'], queryFn: () => read<Budgets>('/api/budgets') })

export const useLevels = (month: string | undefined) =>
  useQuery({
    queryKey: ['service-levels', month],
    queryFn: () => read<List<JudgedLevel>>(`/api/service-levels${query({ month })}`),
  })

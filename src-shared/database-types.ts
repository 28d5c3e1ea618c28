/**
 * Rows and functions of the database as TypeScript. Made from supabase/migrations by `npm run types:database`; never
 * edited by hand.
 */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export interface Database {
  public: {
    Tables: {
      audit_log: {
        Row: {
          action: string;
          actor_id: string | null;
          actor_kind: string;
          at: string;
          details: Json;
          id: number;
          subject: string | null;
        };
        Insert: {
          action: string;
          actor_id?: string | null;
          actor_kind: string;
          at?: string;
          details?: Json;
          subject?: string | null;
        };
        Update: {
          action?: string;
          actor_id?: string | null;
          actor_kind?: string;
          at?: string;
          details?: Json;
          subject?: string | null;
        };
        Relationships: [];
      };
      card_batches: {
        Row: {
          card_count: number;
          created_at: string;
          id: string;
          issued_by: string | null;
          note: string;
          tier_id: string;
          tier_name: string;
        };
        Insert: {
          card_count: number;
          created_at?: string;
          id: string;
          issued_by?: string | null;
          note?: string;
          tier_id: string;
          tier_name: string;
        };
        Update: {
          card_count?: number;
          created_at?: string;
          id?: string;
          issued_by?: string | null;
          note?: string;
          tier_id?: string;
          tier_name?: string;
        };
        Relationships: [];
      };
      card_codes: {
        Row: {
          card_id: string;
          created_at: string;
          key_id: string;
          lookup: string;
          nonce: string;
          retired_at: string | null;
        };
        Insert: {
          card_id: string;
          created_at?: string;
          key_id: string;
          lookup: string;
          nonce: string;
          retired_at?: string | null;
        };
        Update: {
          card_id?: string;
          created_at?: string;
          key_id?: string;
          lookup?: string;
          nonce?: string;
          retired_at?: string | null;
        };
        Relationships: [];
      };
      enrolment_attempts: {
        Row: { at: string; id: number; source: string };
        Insert: { at?: string; source: string };
        Update: { at?: string; source?: string };
        Relationships: [];
      };
      kiosk_enrolments: {
        Row: {
          code_hash: string;
          created_at: string;
          created_by: string | null;
          expires_at: string;
          id: string;
          kiosk_id: string | null;
          name: string;
          replaces_kiosk_id: string | null;
          used_at: string | null;
        };
        Insert: {
          code_hash: string;
          created_at?: string;
          created_by?: string | null;
          expires_at: string;
          id?: string;
          kiosk_id?: string | null;
          name: string;
          replaces_kiosk_id?: string | null;
          used_at?: string | null;
        };
        Update: {
          code_hash?: string;
          created_at?: string;
          created_by?: string | null;
          expires_at?: string;
          id?: string;
          kiosk_id?: string | null;
          name?: string;
          replaces_kiosk_id?: string | null;
          used_at?: string | null;
        };
        Relationships: [];
      };
      kiosk_streams: {
        Row: {
          chain_hash: string;
          created_at: string;
          epoch: string;
          fork_count: number;
          forked_at: string | null;
          kiosk_id: string;
          last_seq: number;
          updated_at: string;
        };
        Insert: {
          chain_hash?: string;
          created_at?: string;
          epoch: string;
          fork_count?: number;
          forked_at?: string | null;
          kiosk_id: string;
          last_seq?: number;
          updated_at?: string;
        };
        Update: {
          chain_hash?: string;
          created_at?: string;
          epoch?: string;
          fork_count?: number;
          forked_at?: string | null;
          kiosk_id?: string;
          last_seq?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      kiosks: {
        Row: {
          auth_user_id: string | null;
          created_at: string;
          id: string;
          name: string;
          revoked_at: string | null;
          updated_at: string;
        };
        Insert: {
          auth_user_id?: string | null;
          created_at?: string;
          id: string;
          name: string;
          revoked_at?: string | null;
          updated_at?: string;
        };
        Update: {
          auth_user_id?: string | null;
          created_at?: string;
          id?: string;
          name?: string;
          revoked_at?: string | null;
          updated_at?: string;
        };
        Relationships: [];
      };
      lease_allocations: {
        Row: {
          bonus_held_seconds: number;
          bonus_released_seconds: number;
          bonus_spent_seconds: number;
          card_id: string;
          lease_id: string;
          paid_held_seconds: number;
          paid_released_seconds: number;
          paid_spent_seconds: number;
          position: number;
        };
        Insert: {
          bonus_held_seconds?: number;
          bonus_released_seconds?: number;
          bonus_spent_seconds?: number;
          card_id: string;
          lease_id: string;
          paid_held_seconds?: number;
          paid_released_seconds?: number;
          paid_spent_seconds?: number;
          position: number;
        };
        Update: {
          bonus_held_seconds?: number;
          bonus_released_seconds?: number;
          bonus_spent_seconds?: number;
          card_id?: string;
          lease_id?: string;
          paid_held_seconds?: number;
          paid_released_seconds?: number;
          paid_spent_seconds?: number;
          position?: number;
        };
        Relationships: [];
      };
      lease_steps: {
        Row: {
          asked_seconds: number;
          created_at: string;
          granted_seconds: number;
          lease_id: string;
          n: number;
          total_seconds: number;
        };
        Insert: {
          asked_seconds: number;
          created_at?: string;
          granted_seconds: number;
          lease_id: string;
          n: number;
          total_seconds: number;
        };
        Update: {
          asked_seconds?: number;
          created_at?: string;
          granted_seconds?: number;
          lease_id?: string;
          n?: number;
          total_seconds?: number;
        };
        Relationships: [];
      };
      leases: {
        Row: {
          closed_at: string | null;
          created_at: string;
          granted_seconds: number;
          id: string;
          kiosk_id: string;
          spent_seconds: number;
          status: 'open' | 'lapsed' | 'closed' | 'voided' | 'settled';
          user_id: string;
          valid_until: string;
          visit_id: string;
        };
        Insert: {
          closed_at?: string | null;
          created_at?: string;
          granted_seconds?: number;
          id: string;
          kiosk_id: string;
          spent_seconds?: number;
          status?: 'open' | 'lapsed' | 'closed' | 'voided' | 'settled';
          user_id: string;
          valid_until: string;
          visit_id: string;
        };
        Update: {
          closed_at?: string | null;
          created_at?: string;
          granted_seconds?: number;
          id?: string;
          kiosk_id?: string;
          spent_seconds?: number;
          status?: 'open' | 'lapsed' | 'closed' | 'voided' | 'settled';
          user_id?: string;
          valid_until?: string;
          visit_id?: string;
        };
        Relationships: [];
      };
      ledger_entries: {
        Row: {
          at: string;
          bonus_seconds: number;
          card_id: string;
          from_bucket: 'outside' | 'available' | 'held';
          id: number;
          idempotency_key: string;
          kind:
            | 'bought'
            | 'held'
            | 'spent'
            | 'released'
            | 'deducted'
            | 'refunded'
            | 'expired'
            | 'written_off';
          lease_id: string | null;
          paid_seconds: number;
          request_id: string | null;
          to_bucket: 'available' | 'held' | 'spent' | 'refunded' | 'expired' | 'written_off';
          user_id: string | null;
        };
        Insert: {
          at?: string;
          bonus_seconds: number;
          card_id: string;
          from_bucket: 'outside' | 'available' | 'held';
          idempotency_key: string;
          kind:
            | 'bought'
            | 'held'
            | 'spent'
            | 'released'
            | 'deducted'
            | 'refunded'
            | 'expired'
            | 'written_off';
          lease_id?: string | null;
          paid_seconds: number;
          request_id?: string | null;
          to_bucket: 'available' | 'held' | 'spent' | 'refunded' | 'expired' | 'written_off';
          user_id?: string | null;
        };
        Update: {
          at?: string;
          bonus_seconds?: number;
          card_id?: string;
          from_bucket?: 'outside' | 'available' | 'held';
          idempotency_key?: string;
          kind?:
            | 'bought'
            | 'held'
            | 'spent'
            | 'released'
            | 'deducted'
            | 'refunded'
            | 'expired'
            | 'written_off';
          lease_id?: string | null;
          paid_seconds?: number;
          request_id?: string | null;
          to_bucket?: 'available' | 'held' | 'spent' | 'refunded' | 'expired' | 'written_off';
          user_id?: string | null;
        };
        Relationships: [];
      };
      memories: {
        Row: {
          consented_at: string;
          content: string;
          created_at: string;
          expires_at: string;
          id: string;
          user_id: string;
        };
        Insert: {
          consented_at: string;
          content: string;
          created_at?: string;
          expires_at: string;
          id?: string;
          user_id: string;
        };
        Update: {
          consented_at?: string;
          content?: string;
          created_at?: string;
          expires_at?: string;
          id?: string;
          user_id?: string;
        };
        Relationships: [];
      };
      payment_history: {
        Row: {
          amount_cents: number;
          card_id: string;
          created_at: string;
          currency: string;
          id: string;
          kind: 'payment' | 'refund';
          livemode: boolean;
          owed_seconds: number;
          payment_intent_id: string;
          purchase_id: string;
          reason: string | null;
          refund_id: string | null;
          refunded_seconds: number;
          user_id: string | null;
          voided_bonus_seconds: number;
        };
        Insert: {
          amount_cents: number;
          card_id: string;
          created_at?: string;
          currency: string;
          id?: string;
          kind: 'payment' | 'refund';
          livemode: boolean;
          owed_seconds?: number;
          payment_intent_id: string;
          purchase_id: string;
          reason?: string | null;
          refund_id?: string | null;
          refunded_seconds?: number;
          user_id?: string | null;
          voided_bonus_seconds?: number;
        };
        Update: {
          amount_cents?: number;
          card_id?: string;
          created_at?: string;
          currency?: string;
          id?: string;
          kind?: 'payment' | 'refund';
          livemode?: boolean;
          owed_seconds?: number;
          payment_intent_id?: string;
          purchase_id?: string;
          reason?: string | null;
          refund_id?: string | null;
          refunded_seconds?: number;
          user_id?: string | null;
          voided_bonus_seconds?: number;
        };
        Relationships: [];
      };
      pricing_tiers: {
        Row: {
          active: boolean;
          bonus_seconds: number;
          created_at: string;
          currency: string;
          description: string;
          id: string;
          name: string;
          paid_seconds: number;
          price_cents: number;
          sort_order: number;
          updated_at: string;
        };
        Insert: {
          active?: boolean;
          bonus_seconds?: number;
          created_at?: string;
          currency?: string;
          description?: string;
          id: string;
          name: string;
          paid_seconds: number;
          price_cents: number;
          sort_order?: number;
          updated_at?: string;
        };
        Update: {
          active?: boolean;
          bonus_seconds?: number;
          created_at?: string;
          currency?: string;
          description?: string;
          id?: string;
          name?: string;
          paid_seconds?: number;
          price_cents?: number;
          sort_order?: number;
          updated_at?: string;
        };
        Relationships: [];
      };
      purchases: {
        Row: {
          bonus_seconds: number;
          checkout_session_id: string | null;
          checkout_url: string | null;
          claim_token_hash: string | null;
          created_at: string;
          currency: string;
          expires_at: string | null;
          id: string;
          kiosk_id: string | null;
          last_payment_error: string | null;
          livemode: boolean;
          paid_at: string | null;
          paid_seconds: number;
          payment_intent_id: string | null;
          price_cents: number;
          status: 'pending' | 'processing' | 'paid' | 'failed' | 'expired' | 'refunded';
          tier_id: string;
          tier_name: string;
          updated_at: string;
          user_id: string | null;
          visit_id: string | null;
        };
        Insert: {
          bonus_seconds: number;
          checkout_session_id?: string | null;
          checkout_url?: string | null;
          claim_token_hash?: string | null;
          created_at?: string;
          currency: string;
          expires_at?: string | null;
          id: string;
          kiosk_id?: string | null;
          last_payment_error?: string | null;
          livemode: boolean;
          paid_at?: string | null;
          paid_seconds: number;
          payment_intent_id?: string | null;
          price_cents: number;
          status?: 'pending' | 'processing' | 'paid' | 'failed' | 'expired' | 'refunded';
          tier_id: string;
          tier_name: string;
          updated_at?: string;
          user_id?: string | null;
          visit_id?: string | null;
        };
        Update: {
          bonus_seconds?: number;
          checkout_session_id?: string | null;
          checkout_url?: string | null;
          claim_token_hash?: string | null;
          created_at?: string;
          currency?: string;
          expires_at?: string | null;
          id?: string;
          kiosk_id?: string | null;
          last_payment_error?: string | null;
          livemode?: boolean;
          paid_at?: string | null;
          paid_seconds?: number;
          payment_intent_id?: string | null;
          price_cents?: number;
          status?: 'pending' | 'processing' | 'paid' | 'failed' | 'expired' | 'refunded';
          tier_id?: string;
          tier_name?: string;
          updated_at?: string;
          user_id?: string | null;
          visit_id?: string | null;
        };
        Relationships: [];
      };
      redeem_attempts: {
        Row: { accepted: boolean; at: string; id: number; kiosk_id: string; visit_id: string };
        Insert: { accepted: boolean; at?: string; kiosk_id: string; visit_id: string };
        Update: { accepted?: boolean; at?: string; kiosk_id?: string; visit_id?: string };
        Relationships: [];
      };
      support_tickets: {
        Row: {
          body: string;
          created_at: string;
          id: string;
          kiosk_id: string | null;
          status: 'open' | 'answered' | 'closed';
          subject: string;
          updated_at: string;
          user_id: string | null;
          voice_session_id: string | null;
        };
        Insert: {
          body?: string;
          created_at?: string;
          id?: string;
          kiosk_id?: string | null;
          status?: 'open' | 'answered' | 'closed';
          subject: string;
          updated_at?: string;
          user_id?: string | null;
          voice_session_id?: string | null;
        };
        Update: {
          body?: string;
          created_at?: string;
          id?: string;
          kiosk_id?: string | null;
          status?: 'open' | 'answered' | 'closed';
          subject?: string;
          updated_at?: string;
          user_id?: string | null;
          voice_session_id?: string | null;
        };
        Relationships: [];
      };
      sweep_cursors: {
        Row: { account: string; seconds: number; updated_at: string };
        Insert: { account: string; seconds: number; updated_at?: string };
        Update: { account?: string; seconds?: number; updated_at?: string };
        Relationships: [];
      };
      time_cards: {
        Row: {
          activated_at: string | null;
          batch_id: string | null;
          bonus_available_seconds: number;
          bonus_expired_seconds: number;
          bonus_held_seconds: number;
          bonus_refunded_seconds: number;
          bonus_seconds: number;
          bonus_spent_seconds: number;
          bonus_void: boolean;
          bonus_written_off_seconds: number;
          created_at: string;
          currency: string;
          expires_at: string | null;
          id: string;
          paid_available_seconds: number;
          paid_expired_seconds: number;
          paid_held_seconds: number;
          paid_refunded_seconds: number;
          paid_seconds: number;
          paid_spent_seconds: number;
          paid_written_off_seconds: number;
          price_cents: number;
          purchase_id: string | null;
          refund_owed_seconds: number;
          status: 'issued' | 'active' | 'expired' | 'refunded' | 'revoked';
          tier_id: string;
          tier_name: string;
          user_id: string | null;
        };
        Insert: {
          activated_at?: string | null;
          batch_id?: string | null;
          bonus_available_seconds?: number;
          bonus_expired_seconds?: number;
          bonus_held_seconds?: number;
          bonus_refunded_seconds?: number;
          bonus_seconds?: number;
          bonus_spent_seconds?: number;
          bonus_void?: boolean;
          bonus_written_off_seconds?: number;
          created_at?: string;
          currency: string;
          expires_at?: string | null;
          id?: string;
          paid_available_seconds?: number;
          paid_expired_seconds?: number;
          paid_held_seconds?: number;
          paid_refunded_seconds?: number;
          paid_seconds?: number;
          paid_spent_seconds?: number;
          paid_written_off_seconds?: number;
          price_cents: number;
          purchase_id?: string | null;
          refund_owed_seconds?: number;
          status?: 'issued' | 'active' | 'expired' | 'refunded' | 'revoked';
          tier_id: string;
          tier_name: string;
          user_id?: string | null;
        };
        Update: {
          activated_at?: string | null;
          batch_id?: string | null;
          bonus_available_seconds?: number;
          bonus_expired_seconds?: number;
          bonus_held_seconds?: number;
          bonus_refunded_seconds?: number;
          bonus_seconds?: number;
          bonus_spent_seconds?: number;
          bonus_void?: boolean;
          bonus_written_off_seconds?: number;
          created_at?: string;
          currency?: string;
          expires_at?: string | null;
          id?: string;
          paid_available_seconds?: number;
          paid_expired_seconds?: number;
          paid_held_seconds?: number;
          paid_refunded_seconds?: number;
          paid_seconds?: number;
          paid_spent_seconds?: number;
          paid_written_off_seconds?: number;
          price_cents?: number;
          purchase_id?: string | null;
          refund_owed_seconds?: number;
          status?: 'issued' | 'active' | 'expired' | 'refunded' | 'revoked';
          tier_id?: string;
          tier_name?: string;
          user_id?: string | null;
        };
        Relationships: [];
      };
      usage_batches: {
        Row: {
          epoch: string;
          from_seq: number;
          hashes: string;
          kiosk_id: string;
          received_at: string;
          to_seq: number;
        };
        Insert: {
          epoch: string;
          from_seq: number;
          hashes: string;
          kiosk_id: string;
          received_at?: string;
          to_seq: number;
        };
        Update: {
          epoch?: string;
          from_seq?: number;
          hashes?: string;
          kiosk_id?: string;
          received_at?: string;
          to_seq?: number;
        };
        Relationships: [];
      };
      usage_parked: {
        Row: {
          created_at: string;
          epoch: string;
          kiosk_id: string;
          reason: string;
          reviewed_at: string | null;
          row_data: Json;
          seconds: number;
          seq: number;
        };
        Insert: {
          created_at?: string;
          epoch: string;
          kiosk_id: string;
          reason: string;
          reviewed_at?: string | null;
          row_data: Json;
          seconds?: number;
          seq: number;
        };
        Update: {
          created_at?: string;
          epoch?: string;
          kiosk_id?: string;
          reason?: string;
          reviewed_at?: string | null;
          row_data?: Json;
          seconds?: number;
          seq?: number;
        };
        Relationships: [];
      };
      users: {
        Row: {
          auth_user_id: string | null;
          created_at: string;
          display_name: string | null;
          id: string;
          locale: string | null;
          merged_into: string | null;
        };
        Insert: {
          auth_user_id?: string | null;
          created_at?: string;
          display_name?: string | null;
          id?: string;
          locale?: string | null;
          merged_into?: string | null;
        };
        Update: {
          auth_user_id?: string | null;
          created_at?: string;
          display_name?: string | null;
          id?: string;
          locale?: string | null;
          merged_into?: string | null;
        };
        Relationships: [];
      };
      visit_grants: {
        Row: { created_at: string; expires_at: string; kiosk_id: string; user_id: string; visit_id: string };
        Insert: {
          created_at?: string;
          expires_at: string;
          kiosk_id: string;
          user_id: string;
          visit_id: string;
        };
        Update: {
          created_at?: string;
          expires_at?: string;
          kiosk_id?: string;
          user_id?: string;
          visit_id?: string;
        };
        Relationships: [];
      };
      voice_sessions: {
        Row: {
          end_reason: string | null;
          ended_at: string | null;
          id: string;
          kiosk_id: string;
          received_at: string;
          seconds: number;
          started_at: string;
          user_id: string;
          visit_id: string | null;
        };
        Insert: {
          end_reason?: string | null;
          ended_at?: string | null;
          id: string;
          kiosk_id: string;
          received_at?: string;
          seconds?: number;
          started_at: string;
          user_id: string;
          visit_id?: string | null;
        };
        Update: {
          end_reason?: string | null;
          ended_at?: string | null;
          id?: string;
          kiosk_id?: string;
          received_at?: string;
          seconds?: number;
          started_at?: string;
          user_id?: string;
          visit_id?: string | null;
        };
        Relationships: [];
      };
      webhook_inbox: {
        Row: {
          attempts: number;
          created: string;
          event_id: string;
          failures: number;
          last_error: string | null;
          livemode: boolean;
          next_attempt_at: string;
          payload: Json | null;
          processed_at: string | null;
          received_at: string;
          reviewed_at: string | null;
          set_aside_at: string | null;
          type: string;
        };
        Insert: {
          attempts?: number;
          created: string;
          event_id: string;
          failures?: number;
          last_error?: string | null;
          livemode: boolean;
          next_attempt_at?: string;
          payload?: Json | null;
          processed_at?: string | null;
          received_at?: string;
          reviewed_at?: string | null;
          set_aside_at?: string | null;
          type: string;
        };
        Update: {
          attempts?: number;
          created?: string;
          event_id?: string;
          failures?: number;
          last_error?: string | null;
          livemode?: boolean;
          next_attempt_at?: string;
          payload?: Json | null;
          processed_at?: string | null;
          received_at?: string;
          reviewed_at?: string | null;
          set_aside_at?: string | null;
          type?: string;
        };
        Relationships: [];
      };
    };
    Views: { [name in never]: never };
    Functions: {
      advance_sweep_cursor: {
        Args: { p_account: string; p_seconds: number };
        Returns: undefined;
      };
      check_kiosk_enrolment: {
        Args: { p_code_hash: string; p_source: string };
        Returns: Json;
      };
      cleanup_expired_time_cards: {
        Args: Record<never, never>;
        Returns: number;
      };
      create_kiosk_enrolment: {
        Args: { p_name: string; p_replaces?: string | null; p_valid_minutes?: number };
        Returns: Json;
      };
      create_purchase: {
        Args: {
          p_purchase_id: string;
          p_tier_id: string;
          p_livemode: boolean;
          p_claim_token_hash?: string | null;
          p_kiosk_id?: string | null;
          p_visit_id?: string | null;
          p_user_id?: string | null;
        };
        Returns: Json;
      };
      deduct_user_time: {
        Args: { user_id: string; minutes: number; request_id?: string | null };
        Returns: Json;
      };
      enrol_kiosk: {
        Args: { p_kiosk_id: string; p_auth_user_id: string; p_name: string };
        Returns: Json;
      };
      extend_lease: {
        Args: { p_lease_id: string; p_n: number; p_seconds: number };
        Returns: Json;
      };
      fail_purchase: {
        Args: { p_purchase_id: string; p_status: string; p_message?: string | null };
        Returns: Json;
      };
      find_purchase: {
        Args: {
          p_checkout_session_id?: string | null;
          p_payment_intent_id?: string | null;
          p_claim_token_hash?: string | null;
        };
        Returns: Json;
      };
      finish_kiosk_enrolment: {
        Args: { p_code_hash: string; p_kiosk_id: string; p_auth_user_id: string };
        Returns: Json;
      };
      finish_webhook_event: {
        Args: { p_event_id: string; p_error?: string | null; p_is_outage?: boolean };
        Returns: Json;
      };
      fulfil_payment: {
        Args: {
          p_purchase_id: string;
          p_payment_intent_id: string;
          p_amount_cents: number;
          p_currency: string;
          p_livemode: boolean;
          p_code_nonce: string;
          p_code_key_id: string;
          p_code_lookup: string;
        };
        Returns: Json;
      };
      get_card_batch: {
        Args: { p_batch_id: string; p_asked_by: string };
        Returns: Json;
      };
      get_purchase: {
        Args: { p_purchase_id: string };
        Returns: Json;
      };
      get_user_time_balance: {
        Args: { user_id: string };
        Returns: Json;
      };
      issue_card_batch: {
        Args: {
          p_batch_id: string;
          p_tier_id: string;
          p_cards: object;
          p_note: string;
          p_issued_by?: string | null;
        };
        Returns: Json;
      };
      list_packages: {
        Args: Record<never, never>;
        Returns: Json;
      };
      list_set_aside_webhook_events: {
        Args: { p_limit?: number };
        Returns: Json;
      };
      merge_wallet: {
        Args: { p_from_user_id: string; p_into_user_id: string };
        Returns: Json;
      };
      open_lease: {
        Args: { p_lease_id: string; p_user_id: string; p_visit_id: string; p_seconds: number };
        Returns: Json;
      };
      open_own_wallet: {
        Args: { p_kiosk_id: string; p_visit_id: string };
        Returns: Json;
      };
      pending_webhook_events: {
        Args: { p_limit: number };
        Returns: Json;
      };
      post_usage: {
        Args: { p_epoch: string; p_rows: object };
        Returns: Json;
      };
      prune_old_data: {
        Args: { p_webhook_payload_days?: number; p_limit?: number };
        Returns: Json;
      };
      redeem_code: {
        Args: { p_lookups: string[]; p_kiosk_id: string; p_visit_id: string; p_user_id?: string | null };
        Returns: Json;
      };
      refund_payment: {
        Args: { p_payment_intent_id: string; p_refund_id: string; p_amount_cents: number; p_reason: string };
        Returns: Json;
      };
      report_today: {
        Args: { p_time_zone: string };
        Returns: Json;
      };
      report_written_off: {
        Args: Record<never, never>;
        Returns: Json;
      };
      retry_webhook_event: {
        Args: { p_event_id: string };
        Returns: Json;
      };
      review_parked_usage: {
        Args: { p_kiosk_id: string; p_note: string };
        Returns: Json;
      };
      review_webhook_event: {
        Args: { p_event_id: string; p_note: string };
        Returns: Json;
      };
      revoke_card: {
        Args: { p_card_id: string; p_reason: string };
        Returns: Json;
      };
      revoke_kiosk: {
        Args: { p_kiosk_id: string; p_reason: string };
        Returns: Json;
      };
      set_purchase_checkout: {
        Args: {
          p_purchase_id: string;
          p_checkout_session_id?: string | null;
          p_payment_intent_id?: string | null;
          p_checkout_url?: string | null;
          p_expires_at?: string | null;
        };
        Returns: Json;
      };
      settle_silent_leases: {
        Args: Record<never, never>;
        Returns: number;
      };
      store_webhook_events: {
        Args: { p_events: object };
        Returns: Json;
      };
      verify_ledger: {
        Args: Record<never, never>;
        Returns: { problem: string; subject: string; details: Json }[];
      };
      void_lease: {
        Args: { p_lease_id: string; p_reason: string };
        Returns: Json;
      };
      webhook_inbox_state: {
        Args: Record<never, never>;
        Returns: Json;
      };
    };
    Enums: { [name in never]: never };
    CompositeTypes: { [name in never]: never };
  };
}

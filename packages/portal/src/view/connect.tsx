// Connecting an account: which way, what has to be typed, and the sign-in window.

import type { AccountType, InstallOptions } from "@gangway/connect";
import { useEffect, useRef, useState } from "preact/hooks";
import { PopupBlocked, PopupClosed, signIn } from "../attempt.ts";
import { NotStored } from "../bridge.ts";
import { Form } from "../form.tsx";
import { type PortalIntegration, slugOf } from "../model.ts";
import { useSay } from "../texts/index.ts";
import { messageOf, useWork } from "../work.ts";

/** Accounts that a company installs for all its people are not connected by one person. */
function typesOf(integration: PortalIntegration): AccountType[] {
  const { accountTypes = [], authConfigInputs = [] } = integration.sdkIntegrationConfig ?? {};
  if (accountTypes.length > 0) return accountTypes;
  const scheme = authConfigInputs.length > 0 ? "basic" : "oauth";
  return [{ id: "default", scheme, endUserSuppliedValues: authConfigInputs }];
}

export interface Connecting {
  busy: boolean;
  problem: string | undefined;
  /** The form that has to be filled in first. */
  form: { type: AccountType; options: InstallOptions } | undefined;
  begin: (type: AccountType, options: InstallOptions) => void;
  submit: (typed: Record<string, string>) => Promise<void>;
  cancel: () => void;
}

/** One attempt at a time; it ends when the portal goes away. */
export function useConnecting(onConnected: () => Promise<void>): Connecting {
  const { client, bridge, integration } = useWork();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [form, setForm] = useState<Connecting["form"]>();
  const ended = useRef<AbortController>(undefined);
  useEffect(() => () => ended.current?.abort(), []);

  const byPopup = async (type: AccountType, options: InstallOptions, typed = {}) => {
    ended.current?.abort();
    const own = new AbortController();
    ended.current = own;
    setBusy(true);
    setProblem(undefined);
    const integrationId = integration.id;
    const parameters = Object.fromEntries(
      (type.oauthParameters ?? []).map(({ key, source }) => [key, source.value]),
    );
    const slug = slugOf(integration);
    try {
      const request = { integrationId, slug, parameters, typed, options };
      const outcome = await signIn(client, request, own.signal);
      await bridge.connected({ integrationId, options, ...outcome });
      setForm(undefined);
      await onConnected();
    } catch (error) {
      if (own.signal.aborted) return;
      const told =
        error instanceof PopupBlocked
          ? say("popupBlocked")
          : error instanceof PopupClosed
            ? say("popupClosed")
            : messageOf(error, say);
      setProblem(told);
      if (!(error instanceof NotStored)) {
        bridge.failed(integrationId, Object.assign(error as Error, { message: told }));
      }
    }
    setBusy(false);
  };
  const byForm = async (typed: Record<string, string>, options: InstallOptions) => {
    const body = {
      integrationId: integration.id,
      config: {},
      payload: typed,
      installOptions: options,
    };
    const made = await client.call<{ id: string }>("POST", "/sdk/credentials", body);
    await bridge.connected({ integrationId: integration.id, credentialId: made.id, options });
    setForm(undefined);
    await onConnected();
  };
  return {
    busy,
    problem,
    form,
    begin: (type, given) => {
      const options = { ...given, accountType: type.id };
      setProblem(undefined);
      if ((type.endUserSuppliedValues ?? []).length > 0) setForm({ type, options });
      else void byPopup(type, options);
    },
    submit: async (typed) => {
      if (!form) return;
      if (form.type.scheme === "oauth") await byPopup(form.type, form.options, typed);
      else await byForm(typed, form.options);
    },
    cancel: () => {
      ended.current?.abort();
      setBusy(false);
      setForm(undefined);
      setProblem(undefined);
    },
  };
}

interface ConnectProps {
  connecting: Connecting;
  options: InstallOptions;
  /** Whether choosing can be left again. */
  onCancel?: (() => void) | undefined;
}

export function Connect({ connecting, options, onCancel }: ConnectProps) {
  const { integration } = useWork();
  const say = useSay();
  const { busy, problem, form } = connecting;
  const all = typesOf(integration);
  const types = options.accountType ? all.filter(({ id }) => id === options.accountType) : all;
  const name = { name: integration.name };
  const cancel = () => {
    connecting.cancel();
    onCancel?.();
  };
  const alert = problem && (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
  if (form) {
    return (
      <div class="connect">
        <h3>{form.type.accountDescription ?? say("connectTo", name)}</h3>
        {alert}
        <Form
          label={say("connectTo", name)}
          inputs={form.type.endUserSuppliedValues ?? []}
          values={{}}
          submit={say("connect")}
          onSubmit={(typed) => connecting.submit(typed as Record<string, string>)}
          onCancel={cancel}
        />
      </div>
    );
  }
  return (
    <div class="connect">
      {alert}
      {busy ? (
        <p class="waiting" role="status">
          <span class="spinner" aria-hidden="true" />
          {say("connecting")}
        </p>
      ) : (
        types.length > 1 && <h3 id="ways">{say("howToConnect")}</h3>
      )}
      <div class={types.length > 1 ? "ways" : "actions"}>
        {!busy &&
          types.map((type, place) => (
            <button
              type="button"
              class={place === 0 ? "primary" : ""}
              onClick={() => connecting.begin(type, options)}
            >
              {types.length > 1 ? (type.accountDescription ?? type.id) : say("connect")}
            </button>
          ))}
        {(busy || onCancel) && (
          <button type="button" class="quiet" onClick={cancel}>
            {say("cancel")}
          </button>
        )}
      </div>
    </div>
  );
}

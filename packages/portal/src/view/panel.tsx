// Everything about one integration: what it is, its accounts, their settings and workflows.

import type { InstallOptions, Mapping, Settings } from "@gangway/connect";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Bridge } from "../bridge.ts";
import type { Client } from "../client.ts";
import { Form } from "../form.tsx";
import { Markdown } from "../markdown.tsx";
import {
  accountName,
  type ConnectedAccount,
  type Input,
  type PortalIntegration,
  slugOf,
  type Workflow,
  workflowsOf,
} from "../model.ts";
import { useSay } from "../texts/index.ts";
import { messageOf, useWork, Working } from "../work.ts";
import { Banner } from "./banner.tsx";
import { Connect, useConnecting } from "./connect.tsx";
import { Workflows } from "./workflows.tsx";

export interface PanelProps {
  client: Client;
  bridge: Bridge;
  integration: PortalIntegration;
  accounts: ConnectedAccount[];
  options: InstallOptions;
  /** Whether more than one account may be connected. */
  several: boolean;
  selectedId?: string | undefined;
  mapObjectFields?: Record<string, Mapping> | undefined;
  /** Inputs as the page around has completed them with lists of its own. */
  completed?: { shared?: Input[] | undefined; workflows?: Record<string, { inputs?: Input[] }> };
  refresh: () => Promise<void>;
}

export function Panel(props: PanelProps) {
  const { client, bridge, integration, accounts, mapObjectFields } = props;
  const [chosenId, choose] = useState(props.selectedId);
  const account =
    accounts.find(({ id, externalId }) => id === chosenId || externalId === chosenId) ??
    accounts.find(({ status }) => status === "VALID") ??
    accounts[0];
  const configurationId = account?.configurations.find(({ isDefault }) => isDefault)?.id;
  const work = {
    client,
    bridge,
    integration,
    credentialId: account?.id,
    configurationId,
    mapObjectFields,
  };
  return (
    <Working.Provider value={work}>
      <Body {...props} account={account} choose={choose} />
    </Working.Provider>
  );
}

type BodyProps = PanelProps & {
  account: ConnectedAccount | undefined;
  choose: (id: string) => void;
};

function Body(props: BodyProps) {
  const { integration, accounts, account, options, several, refresh, choose } = props;
  const say = useSay();
  const [notice, setNotice] = useState("");
  const [adding, setAdding] = useState(false);
  const known = useRef(accounts);
  const connecting = useConnecting(async () => {
    setAdding(false);
    setNotice(say("nowConnected"));
    await refresh();
  });
  useEffect(() => {
    // An account that was just added is the one to go on with.
    const fresh = accounts.find(({ id }) => known.current.every((before) => before.id !== id));
    known.current = accounts;
    if (fresh) choose(fresh.id);
  }, [accounts]);
  const overview = integration.configs[0]?.values.overview ?? "";
  const reconnect = (one: ConnectedAccount) => ({ ...options, selectedCredentialId: one.id });
  return (
    <div class="panel">
      <p class="notice" role="status">
        {notice}
      </p>
      {account && !adding && (
        <>
          <Banner
            account={account}
            name={integration.name}
            busy={connecting.busy}
            onReconnect={() => connecting.begin(typeOf(integration, account), reconnect(account))}
          />
          {(connecting.busy || connecting.problem || connecting.form) && (
            <Connect
              connecting={connecting}
              options={{ ...reconnect(account), ...accountType(account) }}
              onCancel={() => undefined}
            />
          )}
          <Accounts
            {...props}
            account={account}
            several={several}
            onAdd={() => setAdding(true)}
            onDisconnected={async () => {
              setNotice(say("disconnected"));
              await refresh();
            }}
          />
          <AccountSettings {...props} account={account} />
        </>
      )}
      {(!account || adding) && (
        <Connect
          connecting={connecting}
          options={adding ? { ...options, allowMultipleCredentials: true } : options}
          onCancel={adding ? () => setAdding(false) : undefined}
        />
      )}
      {overview && !adding && (
        <section aria-labelledby="overview-title">
          <h3 id="overview-title">{say("overview")}</h3>
          <Markdown text={overview} />
        </section>
      )}
    </div>
  );
}

function accountType(account: ConnectedAccount): InstallOptions {
  return account.accountType ? { accountType: account.accountType } : {};
}

function typeOf(integration: PortalIntegration, account: ConnectedAccount) {
  const types = integration.sdkIntegrationConfig?.accountTypes ?? [];
  const found = types.find(({ id }) => id === account.accountType) ?? types[0];
  return found ?? { id: account.accountType ?? "default", scheme: "oauth" as const };
}

type AccountsProps = BodyProps & {
  account: ConnectedAccount;
  onAdd: () => void;
  onDisconnected: () => Promise<void>;
};

function Accounts({ accounts, account, several, choose, onAdd, onDisconnected }: AccountsProps) {
  const { bridge, integration } = useWork();
  const say = useSay();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const disconnect = async () => {
    setBusy(true);
    try {
      await bridge.disconnect(slugOf(integration), integration.id, account.id);
      await onDisconnected();
    } catch (error) {
      setProblem(messageOf(error, say));
    }
    setBusy(false);
    setSure(false);
  };
  return (
    <section aria-labelledby="accounts-title">
      <h3 id="accounts-title">{say(accounts.length > 1 ? "accounts" : "account")}</h3>
      {accounts.length > 1 ? (
        <div class="choices" role="radiogroup" aria-labelledby="accounts-title">
          {accounts.map((one) => (
            <label class="choice">
              <input
                type="radio"
                name="account"
                checked={one.id === account.id}
                onChange={() => choose(one.id)}
              />
              <span class="account-name">{accountName(one)}</span>
              <Status account={one} />
            </label>
          ))}
        </div>
      ) : (
        <p class="account">
          <span class="account-name">{accountName(account)}</span>
          <Status account={account} />
        </p>
      )}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {sure ? (
        <div class="confirm" role="alertdialog" aria-labelledby="sure" aria-describedby="effect">
          <h4 id="sure">{say("disconnectSure", { account: accountName(account) })}</h4>
          <p id="effect">{say("disconnectEffect")}</p>
          <div class="actions">
            <button type="button" class="danger" disabled={busy} onClick={disconnect}>
              {say("disconnect")}
            </button>
            <button
              type="button"
              class="quiet"
              ref={(button) => button?.focus()}
              onClick={() => setSure(false)}
            >
              {say("cancel")}
            </button>
          </div>
        </div>
      ) : (
        <div class="actions">
          {several && (
            <button type="button" onClick={onAdd}>
              {say("addAccount")}
            </button>
          )}
          <button type="button" class="quiet" onClick={() => setSure(true)}>
            {say("disconnect")}
          </button>
        </div>
      )}
    </section>
  );
}

function Status({ account }: { account: ConnectedAccount }) {
  const say = useSay();
  const valid = account.status === "VALID";
  return (
    <span class={valid ? "status" : "status bad"}>{say(valid ? "connected" : "notConnected")}</span>
  );
}

function AccountSettings(props: BodyProps & { account: ConnectedAccount }) {
  const { integration, account, completed, refresh } = props;
  const { bridge, configurationId } = useWork();
  const say = useSay();
  const values = integration.configs[0]?.values;
  const inputs = completed?.shared ?? values?.sharedMeta?.inputs ?? [];
  const workflows = workflowsOf(integration);
  const configuration = account.configurations.find(({ id }) => id === configurationId);
  const shared: Settings = configuration?.sharedSettings ?? {};
  const save = async (changed: Settings) => {
    const selected = { credentialId: account.id, configurationId };
    await bridge.saveSettings(slugOf(integration), changed, selected);
    await refresh();
  };
  const inputsOf = ({ id, meta }: Workflow) => completed?.workflows?.[id]?.inputs ?? meta.inputs;
  return (
    <>
      {inputs.length > 0 && (
        <section aria-labelledby="settings-title">
          <h3 id="settings-title">{say("settings")}</h3>
          <Form
            key={account.id}
            label={say("settings")}
            inputs={inputs}
            values={shared}
            submit={say("save")}
            onSubmit={save}
            saves
          />
        </section>
      )}
      {workflows.length > 0 && (
        <Workflows
          key={account.id}
          workflows={workflows}
          settings={configuration?.workflowSettings ?? {}}
          shared={shared}
          sharedInputs={inputs}
          inputsOf={inputsOf}
          onChanged={refresh}
        />
      )}
    </>
  );
}

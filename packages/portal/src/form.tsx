// A form of user settings: what is typed, checked and saved.

import type { Settings } from "@gangway/connect";
import { useEffect, useId, useState } from "preact/hooks";
import { Field } from "./field.tsx";
import { blank, type Input } from "./model.ts";
import { useSay } from "./texts/index.ts";
import { messageOf } from "./work.ts";

interface FormProps {
  label: string;
  inputs: Input[];
  values: Settings;
  /** Settings outside this form on which its lists may depend. */
  around?: Settings;
  submit: string;
  onSubmit: (values: Settings) => Promise<void>;
  onCancel?: (() => void) | undefined;
  /** Whether it says that it has saved. */
  saves?: boolean;
}

export function Form(props: FormProps) {
  const { label, inputs, values, around = {}, submit, onSubmit, onCancel, saves = false } = props;
  const say = useSay();
  const id = useId();
  const [draft, setDraft] = useState<Settings>(() => withDefaults(inputs, values));
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [problem, setProblem] = useState<string>();
  const stored = JSON.stringify(values);
  useEffect(() => setDraft(withDefaults(inputs, values)), [stored]);

  const change = (key: string, value: unknown) => {
    setSaved(false);
    setProblem(undefined);
    setDraft((before) => ({ ...before, [key]: value }));
  };
  const send = async (event: Event) => {
    event.preventDefault();
    const missing = inputs.find((input) => !input.hidden && blank(input, draft));
    if (missing) {
      setProblem(say("fillIn", { title: missing.title }));
      document.getElementById(`${id}-${missing.id}`)?.focus();
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await onSubmit(draft);
      setSaved(saves);
    } catch (error) {
      setProblem(messageOf(error, say));
    }
    setBusy(false);
  };
  return (
    <form class="form" aria-label={label} noValidate onSubmit={send}>
      {inputs
        .filter((input) => !input.hidden)
        .map((input) => (
          <Field
            key={input.id}
            id={`${id}-${input.id}`}
            input={input}
            inputs={inputs}
            values={{ ...around, ...draft }}
            onChange={(value) => change(input.id, value)}
          />
        ))}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {busy && saves ? say("saving") : submit}
        </button>
        {onCancel && (
          <button type="button" class="quiet" onClick={onCancel}>
            {say("cancel")}
          </button>
        )}
        <span class="saved" role="status">
          {saved ? say("saved") : ""}
        </span>
      </div>
    </form>
  );
}

function withDefaults(inputs: Input[], values: Settings): Settings {
  const defaults = inputs
    .filter(({ defaultValue }) => defaultValue !== undefined && defaultValue !== null)
    .map(({ id, defaultValue }) => [id, defaultValue]);
  const known: Settings = { ...Object.fromEntries(defaults), ...values };
  // Scopes that are required are chosen already: nobody can take them away.
  for (const { id, type, requiredScopes = [] } of inputs) {
    if (type !== "PERMISSION" || requiredScopes.length === 0) continue;
    const chosen = String(known[id] ?? "").split(/\s+/);
    known[id] = [...new Set([...requiredScopes, ...chosen.filter(Boolean)])].join(" ");
  }
  return known;
}

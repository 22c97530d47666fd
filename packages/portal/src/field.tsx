// One input of a form, by its type.

import { useCallback, useState } from "preact/hooks";
import { Dropdown, type Load } from "./dropdown.tsx";
import { FieldMapping } from "./field-mapping.tsx";
import { type Input, listed, type Option } from "./model.ts";
import { useSay } from "./texts/index.ts";
import { ask, keyOf, searched, sourceOf, unmet, useWork } from "./work.ts";

const FILE_BYTES_MAX = 512 * 1024;

export interface FieldProps {
  id: string;
  input: Input;
  /** All inputs of the form, for those that depend on others. */
  inputs: Input[];
  values: Record<string, unknown>;
  onChange: (value: unknown) => void;
}

export function Field(props: FieldProps) {
  const { id, input, values, onChange } = props;
  const say = useSay();
  const hint = input.subtitle ?? input.tooltip;
  const describedBy = hint ? `${id}-hint` : undefined;
  if (input.type === "SWITCH" || input.type === "BOOLEAN_INPUT") {
    return (
      <div class="field">
        <label class="switch-row">
          <input
            id={id}
            type="checkbox"
            // biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state by itself.
            role="switch"
            class="switch"
            checked={values[input.id] === true}
            aria-describedby={describedBy}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
          <span>{input.title}</span>
        </label>
        <Hint id={describedBy} text={hint} />
      </div>
    );
  }
  const grouped = ["PERMISSION", "FIELD_MAPPER", "COMBO_INPUT", "DYNAMIC_COMBO_INPUT"];
  const title = (
    <>
      {input.title}
      {input.required && <span class="required"> ({say("required")})</span>}
    </>
  );
  if (grouped.includes(input.type)) {
    return (
      <fieldset class="field" aria-describedby={describedBy}>
        <legend>{title}</legend>
        <Hint id={describedBy} text={hint} />
        <Parts {...props} />
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label for={id}>{title}</label>
      <Control {...props} describedBy={describedBy} />
      <Hint id={describedBy} text={hint} />
    </div>
  );
}

function Hint({ id, text }: { id: string | undefined; text: string | null | undefined }) {
  return text ? (
    <p class="hint" id={id}>
      {text}
    </p>
  ) : null;
}

/** What takes more than one control. */
function Parts(props: FieldProps) {
  if (props.input.type === "PERMISSION") return <Scopes {...props} />;
  if (props.input.type === "FIELD_MAPPER") return <FieldMapping {...props} />;
  return <Combo {...props} />;
}

type ControlProps = FieldProps & { describedBy: string | undefined };

function Control(props: ControlProps) {
  switch (props.input.type) {
    case "ENUM":
    case "DYNAMIC_ENUM":
    case "CUSTOM_DROPDOWN":
      return <Choice {...props} />;
    case "COPYABLE_BUTTON_INPUT":
      return <Copyable {...props} />;
    case "FILE":
      return <TextFile {...props} />;
    default:
      return <Text {...props} />;
  }
}

const KINDS: Record<string, "number" | "email" | "url" | "password"> = {
  NUMBER: "number",
  EMAIL: "email",
  URL: "url",
  PASSWORD: "password",
};

function Text({ id, input, values, onChange, describedBy }: ControlProps) {
  const common = {
    id,
    value: String(values[input.id] ?? ""),
    placeholder: input.placeholder ?? undefined,
    "aria-required": input.required,
    "aria-describedby": describedBy,
  };
  if (input.type === "TEXTAREA_NO_VARS") {
    return (
      <textarea {...common} rows={4} onInput={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <input
      {...common}
      type={(KINDS[input.type] ?? "text") as "text"}
      step="any"
      autocomplete="off"
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Loads an input's choices from where they come. */
export function useLoad(input: Input, values: Record<string, unknown>, source?: string): Load {
  const work = useWork();
  const key = source ?? sourceOf(input);
  return useCallback<Load>(
    async (search, cursor) => {
      const known = listed(input);
      // For choices that the page loads, both SDKs send an empty list.
      if (input.type === "CUSTOM_DROPDOWN" && known.length === 0) {
        const page = await work.bridge.customOptions(input.key ?? input.id, cursor, search);
        return { ...searched(page.options, ""), next: page.nextPageCursor };
      }
      if (known.length > 0 && !source) return searched(known, search);
      if (!key) return searched(known, search);
      return ask(work, key, values, search, cursor);
    },
    [work.credentialId, key, JSON.stringify(values)],
  );
}

function Choice({ id, input, inputs, values, onChange, describedBy }: ControlProps) {
  const work = useWork();
  const say = useSay();
  const load = useLoad(input, values);
  const source = sourceOf(input);
  const others = inputs.filter((one) => one.id !== input.id);
  const first = source && input.type === "DYNAMIC_ENUM" && unmet(work, source, others, values);
  const known = listed(input).flatMap((one) => ("items" in one ? one.items : [one]));
  const value = String(values[input.id] ?? "");
  return (
    <>
      <Dropdown
        id={id}
        label={input.title}
        value={value}
        hint={known.find((one) => one.value === value)?.label}
        load={load}
        disabled={Boolean(first)}
        required={input.required}
        describedBy={describedBy}
        onChange={onChange}
      />
      {first && <p class="hint">{say("chooseFirst", { title: first.title })}</p>}
    </>
  );
}

/** A choice on which a second one depends. */
function Combo({ id, input, values, onChange }: FieldProps) {
  const say = useSay();
  const value = (values[input.id] ?? {}) as { mainInput?: string; dependentInput?: string };
  const main = keyOf(input.mainInputSource) ?? "main";
  const dependent = keyOf(input.dependentInputSource) ?? "dependent";
  const loadMain = useLoad(input, values, main);
  const around = { ...values, [main]: value.mainInput, mainInput: value.mainInput };
  const loadDependent = useLoad(input, around, dependent);
  return (
    <div class="pair">
      <Dropdown
        id={id}
        label={input.title}
        value={value.mainInput ?? ""}
        load={loadMain}
        onChange={(mainInput) => onChange({ mainInput, fieldMappings: {} })}
      />
      <Dropdown
        id={`${id}-dependent`}
        label={say("choose")}
        value={value.dependentInput ?? ""}
        load={loadDependent}
        disabled={!value.mainInput}
        onChange={(dependentInput) => onChange({ ...value, dependentInput })}
      />
    </div>
  );
}

function Scopes({ input, values, onChange }: FieldProps) {
  const required = input.requiredScopes ?? [];
  const listed = (input.scopes ?? input.values ?? required) as (string | Option)[];
  const given = String(values[input.id] ?? "").split(/\s+/);
  const chosen = new Set([...given.filter(Boolean), ...required]);
  const options = listed.map((one) => (typeof one === "string" ? { value: one, label: one } : one));
  const toggle = (scope: string, on: boolean) => {
    if (on) chosen.add(scope);
    else chosen.delete(scope);
    onChange([...chosen].join(" "));
  };
  return (
    <div class="choices">
      {options.map(({ value, label }) => (
        <label class="choice">
          <input
            type="checkbox"
            checked={chosen.has(value)}
            disabled={required.includes(value)}
            onChange={(event) => toggle(value, event.currentTarget.checked)}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}

function Copyable({ id, input, values, describedBy }: ControlProps) {
  const say = useSay();
  const [copied, setCopied] = useState(false);
  const text = String(values[input.id] ?? input.value ?? "");
  const copy = async () => {
    const field = document.getElementById(id) as HTMLInputElement | null;
    field?.select();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A frame without leave to the clipboard: what is selected can still be copied.
      document.execCommand("copy");
    }
    setCopied(true);
  };
  return (
    <div class="copyable">
      <input id={id} type="text" readonly value={text} aria-describedby={describedBy} />
      <button type="button" onClick={copy}>
        {copied ? say("copied") : say("copy")}
      </button>
    </div>
  );
}

function TextFile({ id, input, values, onChange, describedBy }: ControlProps) {
  const say = useSay();
  const [problem, setProblem] = useState("");
  const read = async (file: File | undefined) => {
    if (!file) return;
    setProblem(file.size > FILE_BYTES_MAX ? say("fileTooLarge") : "");
    if (file.size <= FILE_BYTES_MAX) onChange(await file.text());
  };
  return (
    <div class="file">
      <input
        id={id}
        type="file"
        aria-describedby={describedBy}
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
      {values[input.id] ? (
        <p class="hint">
          {say("fileChosen")}{" "}
          <button type="button" class="link" onClick={() => onChange("")}>
            {say("removeFile")}
          </button>
        </p>
      ) : null}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

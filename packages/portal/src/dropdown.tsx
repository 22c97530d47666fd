// A choice from a list that can be searched and read page by page, by mouse, keyboard and screen
// reader: the combobox pattern.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Option, Section } from "./model.ts";
import { useSay } from "./texts/index.ts";

const TYPING_MILLISECONDS = 200;

export interface Choices {
  groups: Section[];
  next: string | null;
}

/** Loads a page of choices; without a cursor the first. */
export type Load = (search: string, cursor?: string) => Promise<Choices>;

interface DropdownProps {
  id: string;
  label: string;
  value: string;
  /** What to show for the value before the list is known. */
  hint?: string | undefined;
  load: Load;
  disabled?: boolean | undefined;
  required?: boolean | undefined;
  describedBy?: string | undefined;
  onChange: (value: string) => void;
}

export function Dropdown(props: DropdownProps) {
  const { id, label, value, load, disabled, required, describedBy, onChange } = props;
  const say = useSay();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const { choices, problem, loading, more } = useChoices(load, open, search);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const options = choices.groups.flatMap(({ items }) => items);
  const [label_, setLabel] = useState<string>();
  const found = options.find((one) => one.value === value);
  useEffect(() => {
    if (found) setLabel(found.label);
  }, [found?.label]);
  const chosen = value === "" ? "" : (found?.label ?? label_ ?? props.hint ?? value);

  const leave = () => {
    setOpen(false);
    setSearch("");
  };
  const pick = (option: Option | undefined) => {
    if (!option) return;
    setLabel(option.label);
    onChange(option.value);
    leave();
  };
  const move = (by: number) => {
    setOpen(true);
    if (options.length > 0) setActive((active + by + options.length) % options.length);
  };
  const keys: Record<string, () => void> = {
    ArrowDown: () => move(open ? 1 : 0),
    ArrowUp: () => move(-1),
    Home: () => setActive(0),
    End: () => setActive(Math.max(0, options.length - 1)),
    Enter: () => (open ? pick(options[active]) : setOpen(true)),
    ...(open && { Escape: leave }),
  };
  useEffect(() => {
    box.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  }, [active, open]);

  return (
    <div
      class="dropdown"
      ref={box}
      onFocusOut={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) leave();
      }}
    >
      <input
        id={id}
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-required={required}
        aria-describedby={describedBy}
        aria-activedescendant={open && options[active] ? `${list}-${active}` : undefined}
        disabled={disabled}
        placeholder={open ? say("search") : say("choose")}
        value={open ? search : chosen}
        onClick={() => setOpen(true)}
        onInput={(event) => {
          setOpen(true);
          setActive(0);
          setSearch(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          event.stopPropagation();
          act();
        }}
      />
      <div id={list} class="options" role="listbox" aria-label={label} hidden={!open}>
        {choices.groups.map((group) => (
          <div
            {...(group.title
              ? { role: "group", "aria-label": group.title }
              : { role: "presentation" })}
          >
            {group.title && <div class="options-title">{group.title}</div>}
            {group.items.map((option) => {
              const place = options.indexOf(option);
              return (
                // The focus stays in the text field, which hears the keys and names the active option.
                // biome-ignore lint/a11y/useFocusableInteractive: see above.
                // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
                <div
                  id={`${list}-${place}`}
                  role="option"
                  class="option"
                  aria-selected={option.value === value}
                  data-active={place === active ? "" : undefined}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => pick(option)}
                >
                  {option.label}
                  {option.subtitle && <small>{option.subtitle}</small>}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {open && (
        <div class="options-state" role="status">
          {problem ?? (loading ? say("loading") : options.length === 0 ? say("nothingFound") : "")}
          {!loading && choices.next && (
            <button
              type="button"
              class="quiet"
              onMouseDown={(event) => event.preventDefault()}
              onClick={more}
            >
              {say("more")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** The pages read so far for what is searched. */
function useChoices(load: Load, open: boolean, search: string) {
  const [choices, setChoices] = useState<Choices>({ groups: [], next: null });
  const [problem, setProblem] = useState<string>();
  const [loading, setLoading] = useState(false);
  const turn = useRef(0);
  const read = async (before: Section[], cursor?: string) => {
    const own = ++turn.current;
    setLoading(true);
    setProblem(undefined);
    try {
      const page = await load(search, cursor);
      if (own !== turn.current) return;
      setChoices({ groups: [...before, ...page.groups], next: page.next });
    } catch (error) {
      if (own === turn.current) setProblem((error as Error).message);
    }
    if (own === turn.current) setLoading(false);
  };
  useEffect(() => {
    if (!open) return;
    const timer = setTimeout(() => void read([]), search ? TYPING_MILLISECONDS : 0);
    return () => clearTimeout(timer);
  }, [open, search, load]);
  return { choices, problem, loading, more: () => read(choices.groups, choices.next ?? undefined) };
}

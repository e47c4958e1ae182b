// What the scripts of journeys see: `guichet test` runs them. They are modules of their own, with no page and no host.

/** What a journey is told when it is registered. */
interface JourneyOptions {
  /** The permissions that the app holds in this journey, such as `["host:storage"]`; all it asks for if left out. */
  readonly permissions?: readonly string[];
  /** The profiles this journey is meant for, such as `["phone"]`; all if left out. */
  readonly profiles?: readonly ("phone" | "tablet" | "desktop" | "kiosk" | "elder" | "reader")[];
  /** The language of the person; that of the manifest if left out. */
  readonly lang?: "en" | "zh-Hans";
  /** How the simulated devices are in this journey; nothing is wrong with those that are left out. */
  readonly devices?: {
    readonly printer?: "ready" | "busy" | "paper-out" | "jam" | "offline" | "none";
    readonly card?: "present" | "empty" | "expired" | "mute" | "offline" | "none";
    readonly speech?: "ready" | "slow" | "mute" | "none";
    readonly clipboard?: "ready" | "offline" | "none";
    readonly scan?: "ready" | "slow" | "busy" | "empty" | "jam" | "open" | "offline" | "none";
    readonly notify?: "ready" | "offline" | "none";
    readonly files?: "ready" | "nothing" | "offline" | "none";
    readonly "open-app"?: "answers" | "closes" | "waits" | "absent" | "none";
    readonly telemetry?: "ready" | "none";
  };
}

/** Which of several things of one name is meant. */
interface JourneyPlace {
  /** A text in the same entry, row, section or group. */
  readonly in?: string;
}

/** The app as a person uses it. Every step is awaited; one that cannot be done within ten seconds fails the journey. */
interface JourneyApp {
  /** Opens the app at its first page, or at a page such as `pages/form?case=1`. */
  open(page?: string): Promise<void>;
  /** Presses what has this text, label or accessible name; else what a CSS selector finds. Needs a window. */
  tap(what: string, place?: JourneyPlace): Promise<void>;
  /** Types into the field with this label, or that a CSS selector finds, in place of what was there. Needs a window. */
  type(what: string, text: string | number, place?: JourneyPlace): Promise<void>;
  /** Chooses an option, by what it says, in the list with this label. Needs a window. */
  choose(what: string, option: string, place?: JourneyPlace): Promise<void>;
  /** Presses a key where the focus is: `Enter`, `Tab`, `Escape`, `ArrowDown` and so on. Needs a window. */
  press(key: string): Promise<void>;
  /** Goes back to the page below. */
  back(): Promise<void>;
  /** Waits until this text can be read on the page. Needs a window. */
  see(text: string): Promise<void>;
  /** Waits until it can be read no more. Needs a window. */
  gone(text: string): Promise<void>;
  /** Takes a picture of the page. Needs a window. */
  picture(name: string): Promise<void>;
  /** Lets axe-core look at the page, but for these rules, and fails on what it finds. Needs a window. */
  axe(without?: readonly string[]): Promise<void>;
  /** Calls a handler of the logic, as a page does. */
  call(name: string, input?: unknown): Promise<any>;
  /** The state that logic and pages share. */
  state(): Promise<any>;
}

/** Registers a journey, named by what is seen if it passes. */
declare function journey(name: string, run: (app: JourneyApp) => void | Promise<void>): void;
declare function journey(name: string, options: JourneyOptions, run: (app: JourneyApp) => void | Promise<void>): void;

/** Fails the journey unless both are the same as JSON. */
declare function equal(got: unknown, expected: unknown): void;

/** Fails the journey unless this is rejected, with an error of this name if one is given; brings the error. */
declare function rejects(promise: Promise<unknown>, name?: string): Promise<Error>;

//! What the sample projects are about.

/// One sample project.
#[derive(Debug)]
pub struct Outline {
    /// The organization it is in.
    pub organization: &'static str,
    /// Its name.
    pub project: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its process.
    pub process: &'static str,
    /// A team beside the default one.
    pub second_team: &'static str,
    /// Its areas.
    pub areas: &'static [&'static str],
    /// The types from the top of the backlog down to the work itself.
    pub levels: &'static [&'static str],
    /// The work, by epic and feature; where the process has no features, the feature is left out.
    pub epics: &'static [Epic],
    /// What is broken.
    pub bugs: &'static [&'static str],
}

/// An epic, with its features and what they consist of.
pub type Epic = (&'static str, &'static [(&'static str, &'static [&'static str])]);

const AGILE: &[&str] = &["Epic", "Feature", "User Story", "Task"];
const SCRUM: &[&str] = &["Epic", "Feature", "Product Backlog Item", "Task"];
const BASIC: &[&str] = &["Epic", "Issue", "Task"];

/// The parts of every piece of work.
pub const TASKS: [&str; 4] = ["Build", "Test", "Design", "Document"];

/// Words that items are tagged with.
pub const TAGS: [&str; 6] =
    ["accessibility", "customer", "performance", "quick win", "security", "tech debt"];

/// What people say about their work.
pub const COMMENTS: [&str; 6] = [
    "Started on this today.",
    "Waiting for an answer from the customer.",
    "The first version is on the test system, please have a look.",
    "Reviewed, two small remarks.",
    "This is larger than we thought; I have split off what can wait.",
    "Works for me now.",
];

/// Every sample project.
pub static OUTLINES: &[Outline] = &[
    Outline {
        organization: "acme",
        project: "Storefront",
        description: "The shop where customers buy.",
        process: "Agile",
        second_team: "Checkout Crew",
        areas: &["Catalogue", "Checkout", "Account"],
        levels: AGILE,
        epics: &[
            (
                "Customers find what they want",
                &[
                    (
                        "Search",
                        &[
                            "Suggest products while the customer types",
                            "Correct spelling mistakes in a search",
                            "Filter results by size and colour",
                            "Remember the last ten searches",
                        ],
                    ),
                    (
                        "Product pages",
                        &[
                            "Show products in their surroundings",
                            "Compare up to four products",
                            "Show when a product is back in stock",
                            "Let customers ask questions about a product",
                        ],
                    ),
                    (
                        "Recommendations",
                        &[
                            "Show what others bought with this product",
                            "Recommend accessories in the cart",
                            "Let customers hide a recommendation",
                            "Send a weekly letter with new products",
                        ],
                    ),
                ],
            ),
            (
                "Paying takes a minute",
                &[
                    (
                        "Cart",
                        &[
                            "Keep the cart across devices",
                            "Save a product for later",
                            "Apply several vouchers to one order",
                            "Show delivery costs in the cart",
                        ],
                    ),
                    (
                        "Payment",
                        &[
                            "Pay by invoice",
                            "Pay with a stored card",
                            "Retry a declined payment with another method",
                            "Show prices in the customer's currency",
                        ],
                    ),
                    (
                        "Order confirmation",
                        &[
                            "Confirm orders by text message",
                            "Change the delivery address after ordering",
                            "Cancel an order within an hour",
                            "Download the invoice as a PDF file",
                        ],
                    ),
                ],
            ),
            (
                "Customers look after themselves",
                &[
                    (
                        "Sign-in",
                        &[
                            "Sign in without a password",
                            "Sign in with a second factor",
                            "Show where an account is signed in",
                            "Delete an account with all its data",
                        ],
                    ),
                    (
                        "Orders and returns",
                        &[
                            "Track a parcel on the map",
                            "Return single items of an order",
                            "Print the label for a return",
                            "See the state of a refund",
                        ],
                    ),
                    (
                        "Preferences",
                        &[
                            "Choose which letters to receive",
                            "Store several delivery addresses",
                            "Use the shop in dark colours",
                            "Set a preferred pick-up shop",
                        ],
                    ),
                ],
            ),
        ],
        bugs: &[
            "Voucher is applied twice after going back",
            "Search finds nothing for terms with an umlaut",
            "Cart counter shows the wrong number on phones",
            "Sign-in page flickers in Safari",
            "Invoice lists the wrong tax rate for books",
            "Filter by colour resets the sort order",
            "Product pictures load twice on slow connections",
            "Order confirmation is sent in the wrong language",
            "Street names longer than 40 characters are cut off",
            "Cards that expire this month are refused",
            "Wish list is empty after changing the password",
            "Keyboard cannot reach the close button of dialogs",
            "Returned items still count as sold",
            "Delivery date lies in the past on Sundays",
            "Price per unit is wrong for multipacks",
        ],
    },
    Outline {
        organization: "acme",
        project: "Fulfilment",
        description: "From the order to the doorstep.",
        process: "Scrum",
        second_team: "Warehouse Tools",
        areas: &["Picking", "Packing", "Carriers"],
        levels: SCRUM,
        epics: &[
            (
                "Orders leave within a day",
                &[
                    (
                        "Picking routes",
                        &[
                            "Sort the picking list by aisle",
                            "Pick several orders in one walk",
                            "Warn when a shelf runs low",
                        ],
                    ),
                    (
                        "Packing stations",
                        &[
                            "Propose the smallest box that fits",
                            "Weigh parcels while packing",
                            "Print labels without a click",
                        ],
                    ),
                    (
                        "Handover",
                        &[
                            "Count parcels at the ramp",
                            "Book a pick-up with the carrier",
                            "Photograph damaged parcels",
                        ],
                    ),
                ],
            ),
            (
                "Every carrier is as good as another",
                &[
                    (
                        "Carrier selection",
                        &[
                            "Choose the carrier by price and promise",
                            "Avoid carriers that are on strike",
                            "Ship bulky goods by freight",
                        ],
                    ),
                    (
                        "Tracking",
                        &[
                            "Read the tracking data of all carriers",
                            "Tell the customer about a delay",
                            "Find parcels that have stood still for a day",
                        ],
                    ),
                    (
                        "Returns",
                        &[
                            "Accept returns from any carrier",
                            "Inspect returned goods with a checklist",
                            "Put intact goods back on the shelf",
                        ],
                    ),
                ],
            ),
        ],
        bugs: &[
            "Scanner loses its connection in aisle 12",
            "Label printer swallows every tenth label",
            "Two pickers are sent to the same shelf",
            "Weight in grams is shown as kilograms",
            "Tracking page shows times in UTC",
            "Hazardous goods are offered for air freight",
            "Returns of gift orders notify the wrong person",
            "Box sizes are rounded down",
            "Carrier invoice cannot be matched after a split",
            "Handover list misses express parcels",
        ],
    },
    Outline {
        organization: "acme",
        project: "Office Move",
        description: "Everybody under one roof by summer.",
        process: "Basic",
        second_team: "Facilities",
        areas: &["Building", "People"],
        levels: BASIC,
        epics: &[
            (
                "Get the building ready",
                &[(
                    "",
                    &[
                        "Agree the floor plan",
                        "Lay the network cables",
                        "Order desks and chairs",
                        "Install the kitchen",
                    ],
                )],
            ),
            (
                "Bring everybody along",
                &[(
                    "",
                    &[
                        "Tell everybody the date",
                        "Ask who needs a parking space",
                        "Show the new neighbourhood",
                        "Plan the opening party",
                    ],
                )],
            ),
            (
                "Leave the old place",
                &[(
                    "",
                    &[
                        "Pack the archive",
                        "Sell furniture we do not need",
                        "Return the keys",
                        "Redirect the mail",
                    ],
                )],
            ),
        ],
        bugs: &[],
    },
    Outline {
        organization: "globex",
        project: "Reactor Control",
        description: "Keeps the plant within its limits.",
        process: "Agile",
        second_team: "Night Shift",
        areas: &["Sensors", "Alarms"],
        levels: AGILE,
        epics: &[(
            "Operators trust the screen",
            &[
                (
                    "Sensors",
                    &[
                        "Mark values that are older than a second",
                        "Compare redundant sensors",
                        "Replace a sensor without a restart",
                        "Record a sensor at full rate for an hour",
                    ],
                ),
                (
                    "Alarms",
                    &[
                        "Group alarms with one cause",
                        "Silence an alarm for ten minutes",
                        "Hand alarms over at the end of a shift",
                        "Test every alarm once a month",
                    ],
                ),
            ],
        )],
        bugs: &[
            "Trend line jumps at midnight",
            "Alarm list scrolls while reading",
            "Pressure is shown in the unit of the last user",
            "Night colours make yellow lamps invisible",
            "Report of the shift misses its last minute",
        ],
    },
    Outline {
        organization: "globex",
        project: "Helpdesk",
        description: "What customers report, and what we do about it.",
        process: "Customer Support",
        second_team: "Second Line",
        areas: &["Hardware", "Software"],
        levels: AGILE,
        epics: &[(
            "Customers hear from us within an hour",
            &[(
                "Intake",
                &[
                    "Read reports from e-mail",
                    "Recognise reports of the same fault",
                    "Show customers the state of their reports",
                ],
            )],
        )],
        bugs: &[
            "Controller reboots when two doors open",
            "Display stays dark after an update",
            "Fan runs at full speed in standby",
            "Backup fails on drives over four terabytes",
            "Licence is not recognised after a move",
            "Remote access drops after ten minutes",
            "Export to a spreadsheet loses leading zeros",
            "Touch screen is off by a centimetre",
            "Firmware update stops at 99 percent",
            "Clock is an hour late since March",
            "Printed reports have an empty last page",
            "Users with an apostrophe cannot sign in",
        ],
    },
    Outline {
        organization: "initech",
        project: "TPS Reports",
        description: "Reports, with the new cover sheet.",
        process: "Agile",
        second_team: "Printing",
        areas: &["Cover Sheets"],
        levels: AGILE,
        epics: &[(
            "Every report has its cover sheet",
            &[(
                "Cover sheets",
                &["Put the cover sheet on by default", "Remind people who forgot the cover sheet"],
            )],
        )],
        bugs: &["Printer says PC LOAD LETTER"],
    },
];

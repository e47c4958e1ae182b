//! Enums of the WIT: cases that are words.

/// Declares an enum whose cases are words of the WIT, with `ALL`, `as_str`, `FromStr`, and both ways to a [`crate::Value`].
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$case_doc])* $case,)*
        }

        impl $name {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$case),*];

            /// The word in the WIT.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $word,)*
                }
            }

            #[allow(dead_code, reason = "some words are said only")]
            pub(crate) fn of(value: &$crate::Value) -> Option<Self> {
                match value {
                    $crate::Value::Text(word) => Self::ALL.iter().copied().find(|known| known.as_str() == word),
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for $crate::Value {
            fn from(word: $name) -> Self {
                Self::Text(word.as_str().to_owned())
            }
        }
    };
}

pub(crate) use words;

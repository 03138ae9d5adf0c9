//! Which form an app reads: as it is asked for, else by what the app calls itself.

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Links, one a line, all of it in base64: what most apps read.
    Base64,
    /// Links, one a line.
    Links,
    /// A configuration of sing-box, JSON.
    SingBox,
    /// A configuration of Clash and Mihomo, YAML.
    Clash,
    /// A page for people.
    Page,
}

/// What apps call themselves, in lower case; the first that fits. Some name others that they are like, so
/// those stand first.
const APPS: &[(&str, Format)] = &[
    ("hiddify", Format::Base64),
    ("happ", Format::Base64),
    ("v2ray", Format::Base64),
    ("streisand", Format::Base64),
    ("shadowrocket", Format::Base64),
    ("v2box", Format::Base64),
    ("nekobox", Format::Base64),
    ("nekoray", Format::Base64),
    ("karing", Format::Base64),
    ("npv", Format::Base64),
    ("sing-box", Format::SingBox),
    ("sfa/", Format::SingBox),
    ("sfi/", Format::SingBox),
    ("sfm/", Format::SingBox),
    ("sft/", Format::SingBox),
    ("clash", Format::Clash),
    ("mihomo", Format::Clash),
    ("stash", Format::Clash),
    ("koala", Format::Clash),
    ("prizrak", Format::Clash),
];

/// The words of `?format=`; the first of a form is its name.
const WORDS: &[(&str, Format)] = &[
    ("base64", Format::Base64),
    ("links", Format::Links),
    ("sing-box", Format::SingBox),
    ("singbox", Format::SingBox),
    ("clash", Format::Clash),
    ("mihomo", Format::Clash),
    ("html", Format::Page),
];

impl Format {
    /// Every form.
    pub const ALL: [Self; 5] = [Self::Base64, Self::Links, Self::SingBox, Self::Clash, Self::Page];

    /// Its name in `?format=` and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Links => "links",
            Self::SingBox => "sing-box",
            Self::Clash => "clash",
            Self::Page => "html",
        }
    }

    /// The form of a word of `?format=`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        WORDS.iter().find(|(name, _)| *name == word).map(|(_, format)| *format)
    }

    /// What is sent to an app that asks for nothing special.
    #[must_use]
    pub fn for_app(user_agent: &str, accept: &str) -> Self {
        let agent = user_agent.to_ascii_lowercase();
        let app = APPS.iter().find(|(name, _)| agent.contains(name)).map(|(_, format)| *format);
        let browser = accept.to_ascii_lowercase().contains("text/html");
        app.unwrap_or(if browser { Self::Page } else { Self::Base64 })
    }

    /// The type of its body.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Base64 | Self::Links => "text/plain; charset=utf-8",
            Self::SingBox => "application/json; charset=utf-8",
            Self::Clash => "text/yaml; charset=utf-8",
            Self::Page => "text/html; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_gets_what_it_reads_and_a_person_the_page() {
        let html = "text/html,application/xhtml+xml,*/*;q=0.8";
        for (agent, accept, format) in [
            ("v2rayNG/1.9.5", "*/*", Format::Base64),
            ("HiddifyNext/2.0.5 (android) like ClashMeta v2ray sing-box", "*/*", Format::Base64),
            ("Happ/3.1.0/ios", "*/*", Format::Base64),
            ("Streisand/1.6", "", Format::Base64),
            ("Shadowrocket/2070 CFNetwork/1410 Darwin/22.6.0", "*/*", Format::Base64),
            ("SFA/1.11.9 (423; sing-box 1.11.9; language en_US)", "", Format::SingBox),
            ("SFI/1.11.4 (Build 1; sing-box 1.11.4)", "", Format::SingBox),
            ("sing-box 1.12.0", "", Format::SingBox),
            ("clash-verge/v2.0.3", "", Format::Clash),
            ("ClashMetaForAndroid/2.11.5.Meta", "", Format::Clash),
            ("mihomo/1.19.2", "", Format::Clash),
            ("Stash/2.7.1 Clash/1.9.0", "", Format::Clash),
            ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0", html, Format::Page),
            ("Mozilla/5.0 (iPhone) AppleWebKit Safari", html, Format::Page),
            ("curl/8.5.0", "*/*", Format::Base64),
            ("", "", Format::Base64),
        ] {
            assert_eq!(Format::for_app(agent, accept), format, "{agent}");
        }
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
        }
        assert_eq!(Format::named("exe"), None);
    }
}

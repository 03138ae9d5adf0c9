//! The files of the page, embedded: no build step, and nothing from elsewhere.

/// A file of the page.
pub(super) struct Asset {
    pub(super) name: &'static str,
    pub(super) content_type: &'static str,
    pub(super) text: &'static str,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset {
            name: $name,
            content_type: concat!("text/", $kind, "; charset=utf-8"),
            text: include_str!(concat!("assets/", $name)),
        }
    };
}

const ASSETS: [Asset; 20] = [
    asset!("index.html", "html"),
    asset!("style.css", "css"),
    asset!("guild.css", "css"),
    asset!("beside.css", "css"),
    asset!("app.js", "javascript"),
    asset!("dom.js", "javascript"),
    asset!("guild.js", "javascript"),
    asset!("message.js", "javascript"),
    asset!("markdown.js", "javascript"),
    asset!("composer.js", "javascript"),
    asset!("offers.js", "javascript"),
    asset!("dialog.js", "javascript"),
    asset!("list.js", "javascript"),
    asset!("panels.js", "javascript"),
    asset!("accounts.js", "javascript"),
    asset!("passes.js", "javascript"),
    asset!("files.js", "javascript"),
    asset!("log.js", "javascript"),
    asset!("clock.js", "javascript"),
    asset!("story.js", "javascript"),
];

/// The file of this name.
pub(super) fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_page_weighs_at_most_300_kb() {
        let bytes: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(bytes <= 300_000, "{bytes} bytes");
    }

    #[test]
    fn nothing_comes_from_elsewhere_and_no_text_becomes_markup() {
        for asset in &ASSETS {
            for odd in
                ["https://", "http://", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval("]
            {
                // The namespace of SVG is a name, not an address.
                let text = asset.text.replace("http://www.w3.org/2000/svg", "");
                assert!(!text.contains(odd), "{} has {odd}", asset.name);
            }
        }
        let index = asset("index.html").unwrap().text;
        assert!(
            !index.contains("<style") && !index.contains(" style=") && !index.contains("onclick")
        );
    }

    #[test]
    fn the_page_reads_from_left_or_from_right_alike() {
        for css in ASSETS.iter().filter(|asset| asset.name.ends_with(".css")) {
            for physical in [
                "margin-left",
                "margin-right",
                "padding-left",
                "padding-right",
                "border-left",
                "border-right",
                "text-align: left",
                "text-align: right",
                " left:",
                " right:",
            ] {
                let said = css.text.contains(physical);
                assert!(!said, "{} has {physical}: say it by inline-start or -end", css.name);
            }
        }
    }
}

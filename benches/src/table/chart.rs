//! The means of the groups as a picture: SVG, written by hand, since it is nothing but rectangles,
//! lines and words.

use std::fmt::{self, Write};

use super::{Summary, Table};

/// Widths and heights in pixels.
const WIDTH: f64 = 860.0;
const LABELS: f64 = 170.0;
const NUMBERS: f64 = 190.0;
const BAR: f64 = 15.0;
const STEP: f64 = 20.0;
const TITLE: f64 = 34.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 44.0;

/// The ratio at the right end of the picture. What is slower gets a bar that fades out.
const MOST: f64 = 2.0;

impl Table {
    /// A bar for each engine in each group: the geometric mean of its ratios. `None` where there is
    /// nothing to be relative to.
    #[must_use]
    pub fn chart(&self) -> Option<String> {
        let baseline = self.baseline()?;
        let mut svg = String::new();
        self.draw(&mut svg, baseline)
            .expect("writing into a string does not fail");
        Some(svg)
    }

    fn draw(&self, out: &mut String, baseline: &str) -> fmt::Result {
        let groups: Vec<(String, Vec<(&str, Summary)>)> = self
            .groups()
            .map(|group| {
                let engines = self.engines.iter().enumerate();
                let bars = engines
                    .filter_map(|(at, engine)| Some((*engine, self.summary(at, Some(group))?)));
                let count = self.rows_of(Some(group)).count();
                (format!("{group} ({count})"), bars.collect())
            })
            .collect();
        let bars: usize = groups.iter().map(|(_, bars)| bars.len()).sum();
        let height = TOP + BOTTOM + TITLE * groups.len() as f64 + STEP * bars as f64;
        head(out, height, baseline, &self.processor)?;
        axis(out, height)?;
        let mut y = TOP;
        for (title, bars) in &groups {
            let at = y + TITLE - 10.0;
            writeln!(out, r#"<text x="12" y="{at}" class="title">{title}</text>"#)?;
            y += TITLE;
            for (engine, summary) in bars {
                bar(out, y, engine, summary)?;
                y += STEP;
            }
        }
        out.push_str("</svg>\n");
        Ok(())
    }
}

/// Where a ratio lies.
fn x(ratio: f64) -> f64 {
    LABELS + (WIDTH - LABELS - NUMBERS) * ratio.min(MOST) / MOST
}

fn head(out: &mut String, height: f64, baseline: &str, processor: &str) -> fmt::Result {
    let processor = escape(processor);
    writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">
<defs><linearGradient id="on"><stop offset="0.8" stop-color="#9aa5b1"/><stop offset="1" stop-color="#9aa5b1" stop-opacity="0"/></linearGradient></defs>
<style>.title {{ font-weight: bold; font-size: 13px }} .small {{ fill: #52606d; font-size: 11px }} .end {{ text-anchor: end }} .middle {{ text-anchor: middle }}</style>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="12" y="22" class="title" style="font-size: 15px">Time relative to {baseline}, geometric mean: shorter is faster</text>
<text x="12" y="40" class="small">{processor}; a bar is a mean, the line on it leads to the worst workload</text>"##
    )
}

fn axis(out: &mut String, height: f64) -> fmt::Result {
    let bottom = height - BOTTOM + 8.0;
    for quarter in 0..=8 {
        let ratio = f64::from(quarter) * MOST / 8.0;
        let (at, label) = (x(ratio), bottom + 16.0);
        // The baseline's own line stands out.
        let colour = if quarter == 4 { "#52606d" } else { "#e4e7eb" };
        writeln!(
            out,
            r#"<line x1="{at}" y1="{TOP}" x2="{at}" y2="{bottom}" stroke="{colour}"/><text x="{at}" y="{label}" class="small middle">{ratio}</text>"#
        )?;
    }
    Ok(())
}

fn bar(out: &mut String, y: f64, engine: &str, summary: &Summary) -> fmt::Result {
    let (mean, worst) = (summary.mean, summary.worst);
    let (label, middle, start) = (LABELS - 8.0, y + BAR / 2.0, x(0.0));
    let (text, end) = (y + 12.0, x(mean));
    let colour = match engine {
        _ if mean > MOST => "url(#on)",
        _ if engine.starts_with("curta") => "#2f6fed",
        _ => "#9aa5b1",
    };
    let engine = escape(engine);
    let worst_on = escape(&summary.worst_on);
    let (wide, far, numbers) = (end - start, x(worst), WIDTH - NUMBERS + 12.0);
    // What everything is relative to has no worst workload.
    let worst = if worst > mean {
        format!(" <tspan class=\"small\">worst {worst:.2} ({worst_on})</tspan>")
    } else {
        String::new()
    };
    writeln!(
        out,
        r##"<text x="{label}" y="{text}" class="end">{engine}</text><rect x="{start}" y="{y}" width="{wide:.1}" height="{BAR}" fill="{colour}"/><line x1="{end:.1}" y1="{middle}" x2="{far:.1}" y2="{middle}" stroke="#52606d"/><text x="{numbers}" y="{text}">{mean:.2}{worst}</text>"##
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::super::tests::table;

    #[test]
    fn the_chart_has_a_bar_for_each_engine_that_can_be_compared() {
        let svg = table().chart().expect("there is a baseline");
        // The background, two bars of the micro workloads, the baseline's of the kernels.
        assert_eq!(svg.matches("<rect").count(), 4, "{svg}");
        assert!(
            svg.contains("1.00 <tspan class=\"small\">worst 2.00 (y)"),
            "{svg}"
        );
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn without_a_baseline_there_is_nothing_to_draw() {
        let mut table = table();
        table.baseline = None;
        assert_eq!(table.chart(), None);
    }
}

//! The processor's name, without which no figure means anything.

/// The name that the operating system gives, or the architecture where it gives none.
#[must_use]
pub fn name() -> String {
    from_system()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| format!("unnamed {} processor", std::env::consts::ARCH))
}

#[cfg(target_os = "linux")]
fn from_system() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    // x86 says `model name`, POWER `cpu`, RISC-V `uarch`, s390x `processor 0`; Arm gives numbers only.
    ["model name", "Model", "cpu", "uarch", "processor 0"]
        .iter()
        .find_map(|key| {
            text.lines().find_map(|line| {
                let (found, value) = line.split_once(':')?;
                (found.trim() == *key).then(|| value.to_owned())
            })
        })
}

#[cfg(target_os = "macos")]
fn from_system() -> Option<String> {
    let output = std::process::Command::new("sysctl")
        .args(["-n", "machdep.cpu.brand_string"])
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn from_system() -> Option<String> {
    std::env::var("PROCESSOR_IDENTIFIER").ok()
}

/// The sizes of the parts, family by family, as AMD's data sheets have them.
///
/// A device: DSPs, LUTs, flip-flops, block RAMs of 36 kbit, UltraRAMs, dies. A device whose size is not known for certain
/// is left out: a part without a size costs the shares in the report, a wrong size would mislead.
struct PartFamily: Sendable {
  /// What people call it.
  var name: String
  /// Where the figures come from.
  var source: String
  /// Delay of its fabric relative to UltraScale+ speed grade 2.
  var slowness: Double
  /// One device a line.
  var devices: String

  /// What the best known devices stand for when they are named alone: the part of the usual board or card, by device.
  static let fullNumbers: [String: String] = [
    "xcvu9p": "xcvu9p-flga2104-2L-e", "xcvu13p": "xcvu13p-flga2577-2-e", "xcvu37p": "xcvu37p-fsvh2892-2L-e",
    "xcku115": "xcku115-flvb2104-2-i", "xczu7ev": "xczu7ev-ffvc1156-2-e", "xczu9eg": "xczu9eg-ffvb1156-2-e",
    "xczu28dr": "xczu28dr-ffvg1517-2-e", "xczu49dr": "xczu49dr-ffvf1760-2-e", "xck26": "xck26-sfvc784-2LV-c",
    "xcu50": "xcu50-fsvh2104-2-e", "xcu55c": "xcu55c-fsvh2892-2L-e", "xcu200": "xcu200-fsgd2104-2-e",
    "xcu250": "xcu250-figd2104-2L-e", "xcu280": "xcu280-fsvh2892-2L-e", "xc7z020": "xc7z020clg400-1",
  ]

  static let all: [PartFamily] = [
    PartFamily(
      name: "Virtex UltraScale+",
      source: "AMD DS890, UltraScale Architecture and Product Data Sheet: Overview", slowness: 1,
      devices: """
        xcvu3p 2280 394080 788160 720 320 1
        xcvu5p 3474 600577 1201154 1024 470 2
        xcvu7p 4560 788160 1576320 1440 640 2
        xcvu9p 6840 1182240 2364480 2160 960 3
        xcvu11p 9216 1296000 2592000 2016 960 3
        xcvu13p 12288 1728000 3456000 2688 1280 4
        xcvu19p 3840 4085760 8171520 2160 320 4
        xcvu31p 2880 439680 879360 672 320 1
        xcvu33p 2880 439680 879360 672 320 1
        xcvu35p 5952 871680 1743360 1344 640 2
        xcvu37p 9024 1303680 2607360 2016 960 3
        xcvu45p 5952 871680 1743360 1344 640 2
        xcvu47p 9024 1303680 2607360 2016 960 3
        """),
    PartFamily(
      name: "Kintex UltraScale+",
      source: "AMD DS890, UltraScale Architecture and Product Data Sheet: Overview", slowness: 1,
      devices: """
        xcku3p 1368 162720 325440 360 48 1
        xcku5p 1824 216960 433920 480 64 1
        xcku9p 2520 274080 548160 912 0 1
        xcku11p 2928 298560 597120 600 80 1
        xcku13p 3528 341280 682560 744 112 1
        xcku15p 1968 522720 1045440 984 128 1
        """),
    PartFamily(
      name: "Virtex UltraScale",
      source: "AMD DS890, UltraScale Architecture and Product Data Sheet: Overview", slowness: 1.35,
      devices: """
        xcvu065 600 358080 716160 1260 0 1
        xcvu095 768 537600 1075200 1728 0 1
        xcvu125 1200 716160 1432320 2520 0 2
        xcvu160 1560 926400 1852800 3276 0 3
        xcvu190 1800 1074240 2148480 3780 0 3
        xcvu440 2880 2532960 5065920 2520 0 3
        """),
    PartFamily(
      name: "Kintex UltraScale",
      source: "AMD DS890, UltraScale Architecture and Product Data Sheet: Overview", slowness: 1.35,
      devices: """
        xcku025 1152 145440 290880 360 0 1
        xcku035 1700 203128 406256 540 0 1
        xcku040 1920 242400 484800 600 0 1
        xcku060 2760 331680 663360 1080 0 1
        xcku085 4100 497520 995040 1620 0 2
        xcku095 768 537600 1075200 1680 0 1
        xcku115 5520 663360 1326720 2160 0 2
        """),
    PartFamily(
      name: "Zynq UltraScale+", source: "AMD DS891, Zynq UltraScale+ MPSoC Data Sheet: Overview", slowness: 1,
      devices: """
        xczu2cg 240 47232 94464 150 0 1
        xczu2eg 240 47232 94464 150 0 1
        xczu3cg 360 70560 141120 216 0 1
        xczu3eg 360 70560 141120 216 0 1
        xczu4cg 728 87840 175680 128 48 1
        xczu4eg 728 87840 175680 128 48 1
        xczu4ev 728 87840 175680 128 48 1
        xczu5cg 1248 117120 234240 144 64 1
        xczu5eg 1248 117120 234240 144 64 1
        xczu5ev 1248 117120 234240 144 64 1
        xczu6cg 1973 214604 429208 714 0 1
        xczu6eg 1973 214604 429208 714 0 1
        xczu7cg 1728 230400 460800 312 96 1
        xczu7eg 1728 230400 460800 312 96 1
        xczu7ev 1728 230400 460800 312 96 1
        xczu9cg 2520 274080 548160 912 0 1
        xczu9eg 2520 274080 548160 912 0 1
        xczu11eg 2928 298560 597120 600 80 1
        xczu15eg 3528 341280 682560 744 112 1
        xczu17eg 1590 423403 846806 796 102 1
        xczu19eg 1968 522720 1045440 984 128 1
        """),
    PartFamily(
      name: "Zynq UltraScale+ RFSoC", source: "AMD DS889, Zynq UltraScale+ RFSoC Data Sheet: Overview",
      slowness: 1,
      devices: """
        xczu27dr 4272 425280 850560 1080 80 1
        xczu28dr 4272 425280 850560 1080 80 1
        xczu29dr 4272 425280 850560 1080 80 1
        xczu39dr 4272 425280 850560 1080 80 1
        xczu47dr 4272 425280 850560 1080 80 1
        xczu48dr 4272 425280 850560 1080 80 1
        xczu49dr 4272 425280 850560 1080 80 1
        """),
    PartFamily(
      name: "Kria K26", source: "AMD DS987, Kria K26 SOM Data Sheet", slowness: 1,
      devices: """
        xck26 1248 117120 234240 144 64 1
        """),
    PartFamily(
      name: "Kria K24", source: "AMD DS985, Kria K24 SOM Data Sheet", slowness: 1,
      devices: """
        xck24 360 70560 141120 216 0 1
        """),
    PartFamily(
      name: "Alveo", source: "AMD DS965, Alveo U50 Data Center Accelerator Card Data Sheet", slowness: 1,
      devices: """
        xcu50 5952 871680 1743360 1344 640 2
        """),
    PartFamily(
      name: "Alveo", source: "AMD DS978, Alveo U55C Data Center Accelerator Card Data Sheet", slowness: 1,
      devices: """
        xcu55c 9024 1303680 2607360 2016 960 3
        """),
    PartFamily(
      name: "Alveo", source: "AMD DS962, Alveo U200 and U250 Data Sheet", slowness: 1,
      devices: """
        xcu200 6840 1182240 2364480 2160 960 3
        xcu250 12288 1728000 3456000 2688 1280 4
        """),
    PartFamily(
      name: "Alveo", source: "AMD DS963, Alveo U280 Data Center Accelerator Card Data Sheet", slowness: 1,
      devices: """
        xcu280 9024 1303680 2607360 2016 960 3
        """),
    PartFamily(
      name: "Zynq-7000", source: "AMD DS190, Zynq-7000 SoC Data Sheet: Overview", slowness: 2.36,
      devices: """
        xc7z007s 66 14400 28800 50 0 1
        xc7z012s 120 34400 68800 72 0 1
        xc7z014s 170 40600 81200 107 0 1
        xc7z010 80 17600 35200 60 0 1
        xc7z015 160 46200 92400 95 0 1
        xc7z020 220 53200 106400 140 0 1
        xc7z030 400 78600 157200 265 0 1
        xc7z035 900 171900 343800 500 0 1
        xc7z045 900 218600 437200 545 0 1
        xc7z100 2020 277400 554800 755 0 1
        """),
    PartFamily(
      name: "Artix-7", source: "AMD DS180, 7 Series FPGAs Data Sheet: Overview", slowness: 2.36,
      devices: """
        xc7a12t 40 8000 16000 20 0 1
        xc7a15t 45 10400 20800 25 0 1
        xc7a25t 80 14600 29200 45 0 1
        xc7a35t 90 20800 41600 50 0 1
        xc7a50t 120 32600 65200 75 0 1
        xc7a75t 180 47200 94400 105 0 1
        xc7a100t 240 63400 126800 135 0 1
        xc7a200t 740 134600 269200 365 0 1
        """),
    PartFamily(
      name: "Spartan-7", source: "AMD DS180, 7 Series FPGAs Data Sheet: Overview", slowness: 2.36,
      devices: """
        xc7s25 80 14600 29200 45 0 1
        xc7s50 120 32600 65200 75 0 1
        """),
    PartFamily(
      name: "Kintex-7", source: "AMD DS180, 7 Series FPGAs Data Sheet: Overview", slowness: 2.36,
      devices: """
        xc7k70t 240 41000 82000 135 0 1
        xc7k160t 600 101400 202800 325 0 1
        xc7k325t 840 203800 407600 445 0 1
        xc7k355t 1440 222600 445200 715 0 1
        xc7k410t 1540 254200 508400 795 0 1
        xc7k420t 1680 260600 521200 835 0 1
        xc7k480t 1920 298600 597200 955 0 1
        """),
    PartFamily(
      name: "Virtex-7", source: "AMD DS180, 7 Series FPGAs Data Sheet: Overview", slowness: 2.36,
      devices: """
        xc7v585t 1260 364200 728400 795 0 1
        xc7v2000t 2160 1221600 2443200 1292 0 4
        xc7vx330t 1120 204000 408000 750 0 1
        xc7vx415t 2160 257600 515200 880 0 1
        xc7vx485t 2800 303600 607200 1030 0 1
        xc7vx550t 2880 346400 692800 1180 0 1
        xc7vx690t 3600 433200 866400 1470 0 1
        xc7vx980t 3600 612000 1224000 1500 0 1
        xc7vx1140t 3360 712000 1424000 1880 0 4
        """),
    PartFamily(
      name: "Versal", source: "AMD DS950, Versal Architecture and Product Data Sheet: Overview", slowness: 1,
      devices: """
        xcvc1902 1968 899840 1799680 967 463 1
        xcvm1802 1968 899840 1799680 967 463 1
        xcve2302 464 150272 300544 155 155 1
        xcvp1802 14352 3360896 6721792 4941 2549 4
        """),
  ]
}

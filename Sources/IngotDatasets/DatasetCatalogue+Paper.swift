// SPDX-License-Identifier: Apache-2.0

extension DatasetCatalogue {
  /// The 27 datasets of the paper's Table 9, in its order.
  static let paper: [Entry] = general + small + special

  private static let general = [
    entry(
      "food101", "Food-101", .food101, counts: [(75_750, nil, 25_250)], paper: (75_750, 25_250, nil),
      layout: ["meta/train.json, meta/test.json, images/CLASS/ID.jpg, or all within food-101/"],
      open: ListedFolderReaders.food101),
    entry(
      "cifar10", "CIFAR-10", .cifar10, counts: [(50_000, nil, 10_000)], paper: (50_000, 10_000, nil),
      layout: [
        "cifar-10-batches-bin/data_batch_1.bin to data_batch_5.bin, test_batch.bin",
        "or cifar-10-batches-py/data_batch_1 to data_batch_5, test_batch, batches.meta",
      ]
    ) { try CIFARReader.open($0, $1, CIFARReader.cifar10) },
    entry(
      "cifar100", "CIFAR-100", .cifar100, counts: [(50_000, nil, 10_000)], paper: (50_000, 10_000, nil),
      layout: ["cifar-100-binary/train.bin, test.bin", "or cifar-100-python/train, test, meta"]
    ) { try CIFARReader.open($0, $1, CIFARReader.cifar100) },
    entry(
      "birdsnap", "Birdsnap", .birdsnap, counts: [(42_283, nil, 2_149)],
      paper: (42_283, 2_149, "pictures are addresses, of which many are dead: the paper's set cannot be had again"),
      layout: ["images.txt, species.txt, test_images.txt, and the pictures in download/images/ or images/"],
      open: BirdsnapReader.open),
    entry(
      "sun397", "SUN397", .sun397, counts: [(19_850, nil, 19_850)], paper: (19_850, 19_850, nil), partitions: 10,
      layout: ["Training_01.txt, Testing_01.txt (or in Partitions/), a/abbey/sun_*.jpg, or all within SUN397/"],
      open: ListedFolderReaders.sun397),
    entry(
      "stanford-cars", "Stanford Cars", .stanfordCars, counts: [(8_144, nil, 8_041)], paper: (8_144, 8_041, nil),
      layout: [
        "devkit/cars_meta.mat, devkit/cars_train_annos.mat, cars_test_annos_withlabels.mat, cars_train/*.jpg, cars_test/*.jpg"
      ],
      open: MATReaders.cars),
    entry(
      "fgvc-aircraft", "FGVC Aircraft", .fgvcAircraft, metric: .meanPerClass, counts: [(3_334, 3_333, 3_333)],
      paper: (6_667, 3_333, nil),
      layout: ["data/images_variant_train.txt, _val.txt, _test.txt, data/images/*.jpg"],
      open: ListedFolderReaders.aircraft),
    entry(
      "voc2007", "Pascal VOC 2007 Classification", .voc2007, metric: .meanAveragePrecision11,
      counts: [(2_501, 2_510, 4_952)], paper: (5_011, 4_952, nil),
      layout: [
        "VOCdevkit/VOC2007/ImageSets/Main/CLASS_train.txt, _val.txt, _test.txt (or _trainval.txt), JPEGImages/*.jpg"
      ],
      open: VOC2007Reader.open),
    entry(
      "dtd", "Describable Textures", .dtd, counts: [(1_880, 1_880, 1_880)], paper: (3_760, 1_880, nil), partitions: 10,
      layout: ["labels/train1.txt, val1.txt, test1.txt, images/CLASS/*.jpg, or all within dtd/"],
      open: ListedFolderReaders.dtd),
    entry(
      "oxford-pets", "Oxford-IIIT Pets", .oxfordPets, metric: .meanPerClass, counts: [(3_680, nil, 3_669)],
      paper: (3_680, 3_669, nil), layout: ["annotations/trainval.txt, annotations/test.txt, images/*.jpg"],
      open: ListedFolderReaders.pets),
    entry(
      "caltech101", "Caltech-101", .caltech101, metric: .meanPerClass, counts: [(3_060, nil, 6_085)],
      paper: (3_060, 6_085, nil), drawn: "30 training pictures of each class, the others are the test",
      layout: ["101_ObjectCategories/CLASS/image_0001.jpg, BACKGROUND_Google among the classes"],
      open: FolderTreeReaders.caltech101),
    entry(
      "flowers102", "Oxford Flowers 102", .flowers102, metric: .meanPerClass, counts: [(1_020, 1_020, 6_149)],
      paper: (2_040, 6_149, nil), layout: ["imagelabels.mat, setid.mat, jpg/image_00001.jpg"], open: MATReaders.flowers),
  ]

  private static let small = [
    entry(
      "mnist", "MNIST", .mnist, counts: [(60_000, nil, 10_000)], paper: (60_000, 10_000, nil), layout: idxLayout,
      open: IDXReader.open),
    entry(
      "fer2013", "Facial Emotion Recognition 2013", .fer2013, counts: [(28_709, 3_589, 3_589)],
      paper: (32_140, 3_574, "an error of the table's script; the official sizes were used"),
      layout: ["fer2013.csv or icml_face_data.csv"], open: FER2013Reader.open),
    entry(
      "stl10", "STL-10", .stl10, counts: [(1_000, nil, 8_000)], paper: (1_000, 8_000, nil), partitions: 10,
      averages: true,
      layout: ["stl10_binary/train_X.bin, train_y.bin, test_X.bin, test_y.bin, fold_indices.txt, class_names.txt"],
      open: STL10Reader.open),
    entry(
      "eurosat", "EuroSAT", .eurosat, counts: [(10_000, nil, 5_000)], paper: (10_000, 5_000, nil),
      drawn: "1,000 training and 500 test pictures of each class", layout: ["2750/CLASS/*.jpg"],
      open: FolderTreeReaders.eurosat),
    entry(
      "resisc45", "RESISC45", .resisc45, counts: [(3_150, 3_150, 25_200)], paper: (3_150, 25_200, nil),
      drawn: "10 % training, 10 % validation and 80 % test pictures of each class",
      layout: ["NWPU-RESISC45/CLASS/*.jpg"], open: FolderTreeReaders.resisc45),
    entry(
      "gtsrb", "GTSRB", .gtsrb, counts: [(26_640, nil, 12_630)], paper: (26_640, 12_630, nil),
      layout: ["GTSRB/Training/00000/*.ppm, GTSRB/Final_Test/Images/*.ppm, GT-final_test.csv"], open: GTSRBReader.open),
    entry(
      "kitti", "KITTI Distance", .kitti, counts: [(6_347, 423, 711)], paper: (6_770, 711, nil),
      layout: [
        "training/image_2/*.png, training/label_2/*.txt",
        "mapping/train_mapping.txt, mapping/train_rand.txt of the development kit: films, by which the published split was drawn",
      ], open: KITTIReader.open),
    entry(
      "country211", "Country211", .country211, counts: [(31_650, 10_550, 21_100)],
      paper: (43_200, 21_100, "a slip for 42,200, which is 211 countries of 200 pictures"),
      layout: ["country211/train/CODE/*.jpg, valid/CODE/*.jpg, test/CODE/*.jpg"]
    ) { try FolderTreeReaders.splits($0, $1, within: ["country211"]) },
    entry(
      "pcam", "PatchCamelyon", .pcam, counts: [(262_144, 32_768, 32_768)], paper: (294_912, 32_768, nil),
      layout: ["camelyonpatch_level_2_split_train_x.h5, _train_y.h5, _valid_x.h5, _valid_y.h5, _test_x.h5, _test_y.h5"],
      open: PCamReader.open),
  ]

  private static let special = [
    entry(
      "ucf101", "UCF101", .ucf101, counts: [(9_537, nil, 3_783), (9_586, nil, 3_734), (9_624, nil, 3_696)],
      paper: (9_537, 1_794, "an error of the table's script; the first official split has 3,783 test videos"),
      partitions: 3, averages: true,
      layout: [
        "ucfTrainTestlist/trainlist01.txt, testlist01.txt",
        "UCF-101/CLASS/v_*.jpg (or .png: middle frames) or v_*.avi (videos, for which ffmpeg must be installed)",
      ], open: VideoReaders.ucf101),
    entry(
      "kinetics700", "Kinetics-700", .kinetics700, metric: .meanOfTop1AndTop5, counts: [(494_801, nil, 31_669)],
      paper: (494_801, 31_669, "the videos that were there at the time; many are gone"),
      layout: [
        "train/CLASS/*, val/CLASS/*: middle frames (.jpg, .png) or videos (.mp4, for which ffmpeg must be installed)",
        "with train.csv and val.csv (or in annotations/) the files are ID_START_END as these tables have them",
      ], open: VideoReaders.kinetics),
    entry(
      "clevr-counts", "CLEVR Counts", .clevrCounts, counts: [(2_000, nil, 500)], paper: (2_000, 500, nil),
      drawn: "2,000 of CLEVR's training and 500 of its validation pictures",
      layout: ["scenes/CLEVR_train_scenes.json, scenes/CLEVR_val_scenes.json, images/train/*.png, images/val/*.png"],
      open: JSONReaders.clevr),
    entry(
      "hateful-memes", "Hateful Memes", .hatefulMemes, metric: .areaUnderROC, counts: [(8_500, nil, 500)],
      paper: (8_500, 500, nil), layout: ["train.jsonl, dev.jsonl, img/*.png"], open: JSONReaders.memes),
    entry(
      "rendered-sst2", "Rendered SST2", .renderedSst2, counts: [(6_920, 872, 1_821)], paper: (7_792, 1_821, nil),
      layout: ["rendered-sst2/train/CLASS/*.png, valid/CLASS/*.png, test/CLASS/*.png"]
    ) { try FolderTreeReaders.splits($0, $1, within: ["rendered-sst2"]) },
    entry(
      "imagenet", "ImageNet", .imagenet, counts: [(1_281_167, nil, 50_000)], paper: (1_281_167, 50_000, nil),
      layout: [
        "train/WNID/*.JPEG or ILSVRC2012_img_train.tar (may be absent)",
        "val/WNID/*.JPEG, or val/ILSVRC2012_val_*.JPEG or ILSVRC2012_img_val.tar with ILSVRC2012_devkit_t12/ or its .tar.gz",
      ], open: ImageNetReader.open),
  ]
}

// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import Testing

/// A miniature with one file replaced, and what that is answered with.
struct WrongList: Sendable, CustomTestStringConvertible {
  let dataset: String
  let file: String
  let content: String
  let code: CheckpointError.Code

  var testDescription: String { "\(dataset) \(content.prefix(40))" }

  init(_ dataset: String, _ file: String, _ content: String, _ code: CheckpointError.Code) {
    self.dataset = dataset
    self.file = file
    self.content = content
    self.code = code
  }

  static let all: [WrongList] = [
    WrongList("oxford-pets", "oxford-iiit-pet/annotations/test.txt", "Sphynx_1 1 1 1\n", .malformed),
    WrongList("oxford-pets", "oxford-iiit-pet/annotations/test.txt", "Sphinx_1 34 1 1\n", .malformed),
    WrongList("oxford-pets", "oxford-iiit-pet/annotations/test.txt", "Sphynx_1\n", .malformed),
    WrongList("dtd", "dtd/dtd/labels/test1.txt", "none/a.jpg\n", .malformed),
    WrongList("dtd", "dtd/dtd/labels/test1.txt", "../../secret.jpg\n", .malformed),
    WrongList("sun397", "Partitions/Testing_01.txt", "/a/none/x.jpg\n", .malformed),
    WrongList("fgvc-aircraft", "fgvc-aircraft-2013b/data/images_variant_test.txt", "1514523 709\n", .malformed),
    WrongList("food101", "food-101/meta/test.json", "{\"waffles\": [\"pho/1\"]}", .malformed),
    WrongList("food101", "food-101/meta/test.json", "{\"waffles\": [\"waffles/1\"", .truncated),
    WrongList("food101", "food-101/meta/test.json", "[1]", .malformed),
    WrongList("voc2007", "VOCdevkit/VOC2007/ImageSets/Main/dog_test.txt", "000001  2\n000002 -1\n", .malformed),
    WrongList("voc2007", "VOCdevkit/VOC2007/ImageSets/Main/dog_test.txt", "000002 -1\n000001 -1\n", .mismatch),
    WrongList("voc2007", "VOCdevkit/VOC2007/ImageSets/Main/dog_test.txt", "000001 -1\n", .mismatch),
    WrongList("gtsrb", "gtsrb/GT-final_test.csv", "Filename;ClassId\n00000.ppm;43\n", .malformed),
    WrongList("gtsrb", "gtsrb/GT-final_test.csv", "Filename;Class\n00000.ppm;4\n", .missing),
    WrongList("kitti", "Kitti/raw/training/label_2/000001.txt", "Car 0 0 0\n", .malformed),
    WrongList("kitti", "Kitti/raw/mapping/train_rand.txt", "999,1\n", .malformed),
    WrongList("kitti", "Kitti/raw/mapping/train_rand.txt", "1\n", .mismatch),
    WrongList("fer2013", "fer2013/fer2013.csv", "emotion,pixels,Usage\n7,1 2,Training\n", .malformed),
    WrongList("fer2013", "fer2013/fer2013.csv", "emotion,pixels,Usage\n1,1 2,Other\n", .malformed),
    WrongList("fer2013", "fer2013/fer2013.csv", "emotion,pixels\n", .malformed),
    WrongList("stl10", "stl10_binary/fold_indices.txt", "2\n", .malformed),
    WrongList("stl10", "stl10_binary/fold_indices.txt", "", .missing),
    WrongList("stl10", "stl10_binary/class_names.txt", "car\n", .mismatch),
    WrongList("hateful-memes", "dev.jsonl", "{\"img\": \"img/08291.png\", \"label\": 2}\n", .malformed),
    WrongList("hateful-memes", "dev.jsonl", "{\"img\": \"img/08291.png\"}\n", .missing),
    WrongList("hateful-memes", "dev.jsonl", "{\"img\": \"/etc/passwd\", \"label\": 1}\n", .malformed),
    WrongList(
      "clevr-counts", "clevr/CLEVR_v1.0/scenes/CLEVR_val_scenes.json",
      "{\"scenes\": [{\"image_filename\": \"a\", \"objects\": [1]}]}", .malformed),
    WrongList(
      "clevr-counts", "clevr/CLEVR_v1.0/scenes/CLEVR_val_scenes.json",
      "{\"scenes\": [{\"objects\": []}]}", .malformed),
    WrongList("birdsnap", "birdsnap/species.txt", "id\tcommon\tscientific\tdir\n1\tDodo\tx\ty\n", .malformed),
    WrongList("birdsnap", "birdsnap/images.txt", "path\tspecies_id\na.jpg\t99\n", .malformed),
    WrongList("ucf101", "ucfTrainTestlist/testlist01.txt", "Sleeping/v_a.avi\n", .malformed),
    WrongList(
      "kinetics700", "annotations/val.csv",
      "label,youtube_id,time_start,time_end\nsleeping late,x,1,2\n", .malformed),
    WrongList(
      "kinetics700", "annotations/val.csv",
      "label,youtube_id,time_start,time_end\nzumba,x,one,2\n", .malformed),
  ]
}

// SPDX-License-Identifier: Apache-2.0

/// How a dataset is scored.
public enum DatasetMetric: String, Sendable, Hashable, CaseIterable {
  /// The share of pictures whose first guess is right.
  case accuracy
  /// The mean over classes of the share of their pictures that is right.
  case meanPerClass = "mean-per-class"
  /// The mean over classes of average precision, interpolated at 11 points of recall (PASCAL VOC 2007).
  case meanAveragePrecision11 = "map-11"
  /// The area under the receiver operating characteristic of the second class.
  case areaUnderROC = "roc-auc"
  /// The mean of top-1 and top-5 accuracy.
  case meanOfTop1AndTop5 = "mean-top1-top5"
}
